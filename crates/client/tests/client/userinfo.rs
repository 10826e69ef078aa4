//! Userinfo: OpenID Connect Core, section 5.3; RFC 6750, section 3.

use countersign_client::{AccessToken, Client, UserInfo, UserinfoError};
use serde_json::json;

use crate::provider::{ACCESS_TOKEN, Provider, Reply, SUBJECT};

async fn ask(
    provider: &Provider,
    client: &Client,
    reply: Reply,
) -> Result<UserInfo, UserinfoError> {
    provider.with(|shared| shared.userinfo = reply);
    client
        .userinfo(&AccessToken::new(ACCESS_TOKEN), SUBJECT)
        .await
}

#[tokio::test]
async fn the_claims_of_the_signed_in_user_are_given() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body = json!({"sub": SUBJECT, "email": "alice@example.com"});
    let userinfo = ask(&provider, &client, Reply::json(200, &body))
        .await
        .expect("it is given");
    assert_eq!(userinfo.claims()["email"], "alice@example.com");
    let headers = provider.with(|shared| shared.userinfo_requests.remove(0));
    assert_eq!(headers["authorization"], format!("Bearer {ACCESS_TOKEN}"));
    assert!(!format!("{userinfo:?}").contains("alice"));
}

#[tokio::test]
async fn claims_about_someone_else_are_not_used() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = ask(&provider, &client, Reply::json(200, &json!({"sub": "bob"}))).await;
    assert_eq!(result, Err(UserinfoError::SubjectMismatch));
    for body in [json!({"email": "alice@example.com"}), json!({"sub": 1})] {
        let result = ask(&provider, &client, Reply::json(200, &body)).await;
        assert_eq!(result, Err(UserinfoError::SubjectMissing));
    }
}

#[tokio::test]
async fn a_refusal_gives_its_challenge() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = ask(&provider, &client, Reply::json(401, &json!({}))).await;
    assert_eq!(
        result,
        Err(UserinfoError::Refused {
            status: 401,
            challenge: None
        })
    );
}

#[tokio::test]
async fn what_is_not_plain_json_is_not_read() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for (media_type, body, code) in [
        ("text/html", "{}", "userinfo_not_json"),
        ("application/jwt", "a.b.c", "userinfo_signed"),
        ("application/json", "nope", "userinfo_malformed"),
        (
            "application/json",
            r#"{"sub":"a","sub":"b"}"#,
            "userinfo_malformed",
        ),
    ] {
        let reply = Reply {
            status: 200,
            media_type,
            body: body.to_owned(),
        };
        let error = ask(&provider, &client, reply).await.expect_err(body);
        assert_eq!(error.code(), code);
    }
}
