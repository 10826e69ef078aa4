//! The address that signs out: OIDC RP-Initiated Logout, section 2.

use countersign_client::LogoutError;

use crate::provider::{CLIENT_ID, Provider};

#[tokio::test]
async fn the_address_names_the_client_the_session_and_the_way_back() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let tokens = provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let id_token = tokens.id_token.expect("openid was asked for");
    let url = client
        .logout()
        .id_token_hint(&id_token)
        .post_logout_redirect_uri("https://shop.example/bye?x=1&y=2")
        .state("s t")
        .url()
        .expect("there is an endpoint");
    assert!(
        url.as_str()
            .starts_with(&format!("{}/logout?", provider.issuer))
    );
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let expected = [
        ("client_id", CLIENT_ID),
        ("id_token_hint", id_token.reveal()),
        (
            "post_logout_redirect_uri",
            "https://shop.example/bye?x=1&y=2",
        ),
        ("state", "s t"),
    ];
    assert_eq!(
        pairs,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn a_provider_without_the_endpoint_signs_no_one_out() {
    let provider = Provider::start().await;
    provider.with(|shared| shared.metadata["end_session_endpoint"] = serde_json::Value::Null);
    let client = provider.client().await;
    assert_eq!(
        client.logout().url(),
        Err(LogoutError::NoEndSessionEndpoint)
    );
}
