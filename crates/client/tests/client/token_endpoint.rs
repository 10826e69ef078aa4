//! Responses of the token endpoint: RFC 6749, sections 5.1, 5.2 and 7.1.

use countersign_client::{CallbackError, Client, TokenError, TokenSet};
use serde_json::{Value, json};

use crate::provider::{Provider, Reply, cause, query};

async fn ask(
    provider: &Provider,
    client: &Client,
    reply: Reply,
) -> Result<TokenSet, CallbackError> {
    provider.with(|shared| shared.token = reply);
    let authorization = client.authorize().build().expect("it is built");
    let response = provider.response(&authorization);
    client.callback(authorization.pending, response).await
}

#[tokio::test]
async fn the_error_of_the_token_endpoint_is_passed_through() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body = json!({"error": "invalid_grant", "error_description": "code is used\r\nup"});
    let result = ask(&provider, &client, Reply::json(400, &body)).await;
    let Err(CallbackError::Token(TokenError::Provider { status: 400, error })) = result else {
        panic!("{result:?}");
    };
    assert_eq!(error.error, "invalid_grant");
    // What would split a log line is made harmless.
    assert_eq!(error.error_description.as_deref(), Some("code is used??up"));
    let body = json!({"error": "invalid_client"});
    let result = ask(&provider, &client, Reply::json(401, &body)).await;
    assert_eq!(cause(result), "token_provider_error");
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let html = |status| Reply {
        status,
        media_type: "text/html",
        body: "<h1>Hello</h1>".to_owned(),
    };
    assert_eq!(
        cause(ask(&provider, &client, html(200)).await),
        "token_not_json"
    );
    assert_eq!(
        cause(ask(&provider, &client, html(502)).await),
        "token_status"
    );
    for body in [
        "",
        "nope",
        "[]",
        r#"{"access_token":"a","access_token":"b"}"#,
    ] {
        let broken = Reply {
            status: 200,
            media_type: "application/json",
            body: body.to_owned(),
        };
        assert_eq!(
            cause(ask(&provider, &client, broken).await),
            "token_malformed",
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for status in [302, 307, 308] {
        let result = ask(&provider, &client, Reply::json(status, &json!({}))).await;
        assert_eq!(cause(result), "token_status", "{status}");
    }
}

#[tokio::test]
async fn a_response_without_what_it_needs_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for (member, value, expected) in [
        ("access_token", Value::Null, "token_member_missing"),
        ("access_token", json!(""), "token_member_missing"),
        ("access_token", json!(1), "token_member_malformed"),
        ("token_type", Value::Null, "token_member_missing"),
        ("token_type", json!("mac"), "token_type_unsupported"),
        ("token_type", json!("DPoP"), "token_type_unsupported"),
        ("expires_in", json!(-1), "token_member_malformed"),
        ("expires_in", json!("soon"), "token_member_malformed"),
        ("id_token", Value::Null, "token_id_token_missing"),
    ] {
        let authorization = client.authorize().build().expect("it is built");
        let nonce = query(&authorization, "nonce").expect("it was sent");
        let mut body = provider.tokens(&provider.sign(&provider.claims(&nonce)));
        body[member] = value.clone();
        provider.with(|shared| shared.token = Reply::json(200, &body));
        let response = provider.response(&authorization);
        let result = client.callback(authorization.pending, response).await;
        assert_eq!(cause(result), expected, "{member} {value}");
    }
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_comes_of_it() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = ask(&provider, &client, Reply::json(503, &json!({}))).await;
    assert_eq!(cause(result), "token_status");
    assert_eq!(provider.with(|shared| shared.token_requests.len()), 1);
}
