//! Token introspection (RFC 7662) and its signed responses (RFC 9701), demand by demand.

mod callers;
mod refresh_tokens;
mod signed;
mod tokens;
mod whole_responses;

use countersign_testing::{ALICE, Answer, TestProvider, Tokens, basic, callback};
use http::StatusCode;
use serde_json::Value;

/// What a client is told of a token (RFC 7662, section 2.2).
async fn told(op: &TestProvider, client_id: &str, token: &str) -> Value {
    read(&op.introspect(client_id, token).await)
}

#[track_caller]
fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// RFC 7662, section 2.2: "the authorization server SHOULD NOT include any additional information
/// about an inactive token, including why".
#[track_caller]
fn inactive(told: &Value) {
    assert_eq!(*told, serde_json::json!({ "active": false }));
}

/// Tokens of alice for a client with JWTs, and for one with opaque tokens.
async fn jwt(op: &TestProvider, scope: &str) -> Tokens {
    let redirect_uri = callback::CONFIDENTIAL;
    op.tokens(&ALICE, "confidential", redirect_uri, scope).await
}

async fn opaque(op: &TestProvider, scope: &str) -> Tokens {
    op.tokens(&ALICE, "posting", callback::POSTING, scope).await
}

/// A client's own token.
async fn own(op: &TestProvider, client_id: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "reports")];
    op.token(client_id, &form).await.tokens().access_token
}

/// Registers an API that may ask about every access token; its credentials.
pub async fn api(op: &TestProvider, further: &str) -> String {
    let metadata =
        format!(r#"{{"grant_types": ["client_credentials"], "may_introspect": true{further}}}"#);
    op.add_client_with("api", Some("secret-of-the-api"), &metadata)
        .await;
    basic("api", "secret-of-the-api")
}

/// What the bearer of `authorization` is told of a token.
pub async fn ask(op: &TestProvider, authorization: &str, token: &str) -> Answer {
    let headers = [("authorization", authorization.to_owned())];
    op.browser()
        .post_with("/introspect", &[("token", token)], &headers)
        .await
}
