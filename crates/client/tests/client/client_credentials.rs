//! The client in its own name: RFC 6749, section 4.4.

use serde_json::json;

use crate::provider::{NOW, Provider, Reply, token_cause};

#[tokio::test]
async fn a_client_gets_a_token_of_its_own() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body =
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "scope": "read"});
    provider.with(|shared| shared.token = Reply::json(200, &body));
    let request = client
        .client_credentials()
        .scope("read write")
        .resource("https://api.example/");
    let tokens = request.send().await.expect("it is granted");
    assert_eq!(tokens.expires_at, Some(NOW + 60));
    assert_eq!(
        tokens.scope.map(|scope| scope.to_string()).as_deref(),
        Some("read")
    );
    let (headers, form) = provider.with(|shared| shared.token_requests.remove(0));
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], "read write");
    assert_eq!(form["resource"], "https://api.example/");
    assert!(headers.contains_key("authorization"));
}

#[tokio::test]
async fn no_one_signed_in_so_an_id_token_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let body = provider.tokens(&provider.sign(&provider.claims("n")));
    provider.with(|shared| shared.token = Reply::json(200, &body));
    assert_eq!(
        token_cause(client.client_credentials().send().await),
        "token_id_token_unexpected"
    );
}
