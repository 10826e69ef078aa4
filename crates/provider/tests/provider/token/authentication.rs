//! Client authentication that succeeds (RFC 6749, section 2.3.1); what is refused is among the
//! attacks.

use countersign_testing::{ALICE, ClientPersona, TestProvider, basic, callback};
use http::StatusCode;

use crate::expect;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn basic_credentials_are_form_decoded_after_base64() {
    // RFC 6749, section 2.3.1: "encoded using the application/x-www-form-urlencoded encoding
    // algorithm".
    let op = TestProvider::start().await;
    let (client_id, secret) = ("imported.client/1 100%+", "p%40ss:w+rd & 100% é");
    let metadata = r#"{"grant_types": ["client_credentials"]}"#;
    op.add_client_with(client_id, Some(secret), metadata).await;
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let header = basic(&encoded(client_id), &encoded(secret));
    let answer = op
        .browser()
        .post_with("/token", &[GRANT], &[("authorization", header)])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    let raw = basic(client_id, secret);
    let answer = op
        .browser()
        .post_with("/token", &[GRANT], &[("authorization", raw)])
        .await;
    expect::refused(&answer, "invalid_client");
}

#[tokio::test]
async fn the_scheme_is_compared_without_regard_to_case() {
    // RFC 9110, section 11.1.
    let op = TestProvider::start().await;
    let header = basic("confidential", ClientPersona::secret_of("confidential"));
    for scheme in ["basic", "BASIC", "bAsIc"] {
        let header = header.replacen("Basic", scheme, 1);
        let answer = op
            .browser()
            .post_with("/token", &[GRANT], &[("authorization", header)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{scheme}: {answer:?}");
    }
}

#[tokio::test]
async fn a_public_client_says_who_it_is() {
    // RFC 6749, section 3.2.1.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let redirect_uri = callback::PUBLIC;
    let code = op
        .code(&mut browser, &ALICE, "public", redirect_uri, "openid")
        .await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", countersign_testing::VERIFIER),
    ];
    expect::refused(&op.browser().post("/token", &form).await, "invalid_client");
    assert_eq!(
        op.redeem("public", redirect_uri, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_missing_grant_type_or_code_is_named() {
    // RFC 6749, section 5.2: "The request is missing a required parameter".
    let op = TestProvider::start().await;
    for (form, missing) in [
        (vec![], "grant_type"),
        (vec![("grant_type", "")], "grant_type"),
        (vec![("grant_type", "authorization_code")], "code"),
        (
            vec![("grant_type", "authorization_code"), ("code", "")],
            "code",
        ),
    ] {
        let answer = op.token("confidential", &form).await;
        expect::refused(&answer, "invalid_request");
        let description = answer.json()["error_description"].to_string();
        assert!(description.contains(missing), "{description}");
    }
    let mut browser = op.browser();
    let redirect_uri = callback::CONFIDENTIAL;
    let code = op
        .code(&mut browser, &ALICE, "confidential", redirect_uri, "openid")
        .await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    expect::refused(&op.token("confidential", &form).await, "invalid_request");
    let answer = op.redeem("confidential", redirect_uri, &code).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "the code was not invalidated: {answer:?}"
    );
}
