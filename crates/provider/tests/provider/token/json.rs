//! JSON at the token endpoint: no specification knows it; a client may be switched to it.

use countersign_testing::{Answer, ClientPersona, TestProvider, basic};
use http::{Method, StatusCode};
use serde_json::json;

use crate::expect;

const METADATA: &str = r#"{
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "client_secret_post",
    "accept_json_token_requests": true
}"#;

async fn sent(op: &TestProvider, body: String, authorization: Option<String>) -> Answer {
    let mut headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
    headers.extend(authorization.map(|value| ("authorization", value)));
    op.browser()
        .send(Method::POST, "/token", &headers, Some(body))
        .await
}

#[tokio::test]
async fn json_is_refused_with_a_cause_that_says_so() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("posting");
    let body = json!({
        "grant_type": "client_credentials", "client_id": "posting", "client_secret": secret,
    });
    let answer = sent(&op, body.to_string(), None).await;
    expect::refused(&answer, "invalid_request");
    let body = answer.json();
    let description = body["error_description"].as_str().expect("one");
    assert!(description.contains("token_request_json"), "{description}");
    assert!(
        body["error_uri"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("/errors/token_request_json"))
    );

    let secret = ClientPersona::secret_of("confidential");
    let body = json!({ "grant_type": "client_credentials" });
    let answer = sent(&op, body.to_string(), Some(basic("confidential", secret))).await;
    expect::refused(&answer, "invalid_request");
}

#[tokio::test]
async fn a_client_that_is_switched_to_it_may_send_a_flat_object() {
    let op = TestProvider::start().await;
    op.add_client_with("json", Some("secret"), METADATA).await;
    let good = json!({
        "grant_type": "client_credentials", "client_id": "json", "client_secret": "secret",
        "scope": "reports", "unknown": null,
    });
    let answer = sent(&op, good.to_string(), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.tokens().body["scope"], "reports");

    let text = good.to_string();
    let twice = format!("{{\"scope\":\"reports\",{}", &text[1..]);
    for body in [
        twice,
        format!("{text}{text}"),
        format!("[{text}]"),
        text[..text.len() - 1].to_owned(),
        text.replace("\"reports\"", "[\"reports\"]"),
        text.replace("\"reports\"", "{\"a\":1}"),
        String::new(),
        "null".to_owned(),
    ] {
        expect::refused(&sent(&op, body, None).await, "invalid_request");
    }
    // It is authenticated like anyone else.
    let wrong = text.replace("\"secret\"", "\"wrong\"");
    expect::refused(&sent(&op, wrong, None).await, "invalid_client");
}

#[tokio::test]
async fn such_a_client_may_still_send_a_form() {
    let op = TestProvider::start().await;
    op.add_client_with("json", Some("secret"), METADATA).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "json"),
        ("client_secret", "secret"),
    ];
    assert_eq!(
        op.browser().post("/token", &form).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn another_content_type_is_refused() {
    // RFC 6749, section 3.2 and appendix B.
    let op = TestProvider::start().await;
    let body = "grant_type=client_credentials";
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ] {
        let secret = ClientPersona::secret_of("confidential");
        let headers = [
            ("content-type", content_type.to_owned()),
            ("authorization", basic("confidential", secret)),
        ];
        let body = Some(body.to_owned());
        let answer = op
            .browser()
            .send(Method::POST, "/token", &headers, body)
            .await;
        expect::refused(&answer, "invalid_request");
    }
}
