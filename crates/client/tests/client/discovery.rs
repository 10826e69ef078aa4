//! Discovery: OIDC Discovery, sections 4.2 and 4.3; RFC 8414, sections 3.2 and 3.3.

use countersign_client::{Client, ConfigurationError, DiscoveryError, discover, discover_oauth};
use serde_json::json;

use crate::provider::{Provider, fetcher, registration};

#[tokio::test]
async fn metadata_is_found_at_both_addresses() {
    let provider = Provider::start().await;
    let openid = discover(&fetcher(), &provider.issuer)
        .await
        .expect("it is there");
    let oauth = discover_oauth(&fetcher(), &provider.issuer)
        .await
        .expect("it is there");
    assert_eq!(openid, oauth);
    assert_eq!(openid.issuer, provider.issuer);
}

#[tokio::test]
async fn attack_36_metadata_of_another_issuer_is_refused() {
    let provider = Provider::start().await;
    for received in [
        "https://evil.example".to_owned(),
        format!("{}/", provider.issuer),
        provider.issuer.replace("127.0.0.1", "localhost"),
        provider.issuer.to_uppercase(),
    ] {
        provider.with(|shared| shared.metadata["issuer"] = json!(received));
        let error = discover(&fetcher(), &provider.issuer)
            .await
            .expect_err("it is another's");
        let asked = provider.issuer.clone();
        assert_eq!(error, DiscoveryError::IssuerMismatch { asked, received });
    }
}

#[tokio::test]
async fn an_issuer_that_is_none_is_not_asked() {
    for issuer in [
        "op.example",
        "http://op.example",
        "https://op.example/?x",
        "https://op.example/#x",
        "file:///x",
    ] {
        let error = discover(&fetcher(), issuer).await.expect_err(issuer);
        assert!(
            matches!(error, DiscoveryError::Issuer(_)),
            "{issuer}: {error}"
        );
        assert!(!error.is_temporary());
    }
}

#[tokio::test]
async fn a_provider_that_is_not_up_yet_is_worth_another_try() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let issuer = format!("http://{}", free.local_addr().expect("it is bound"));
    drop(free);
    let error = Client::discover(&issuer, registration(), fetcher())
        .await
        .expect_err("nothing listens");
    assert!(error.is_temporary());
    assert_eq!(error.code(), "fetch_connect_failed");
}

#[tokio::test]
async fn metadata_that_is_missing_or_no_json_is_refused() {
    let provider = Provider::start().await;
    // Under a path there is nothing.
    let error = discover(&fetcher(), &format!("{}/x", provider.issuer))
        .await
        .expect_err("it is missing");
    assert!(
        matches!(error, DiscoveryError::Status { status: 404, .. }),
        "{error}"
    );
    provider.with(|shared| shared.metadata = json!(["no object"]));
    let error = discover(&fetcher(), &provider.issuer)
        .await
        .expect_err("it is no object");
    assert_eq!(error.code(), "server_metadata_malformed");
}

#[tokio::test]
async fn an_endpoint_that_is_not_https_makes_no_client() {
    let provider = Provider::start().await;
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "jwks_uri",
    ] {
        for (address, code) in [
            ("http://op.example/x", "client_endpoint_https_required"),
            ("javascript:alert(1)", "client_endpoint_https_required"),
            ("/relative", "client_endpoint_not_a_url"),
            ("https://op.example/x#y", "client_endpoint_fragment"),
        ] {
            let mut metadata = discover(&fetcher(), &provider.issuer)
                .await
                .expect("it is there");
            let mut json = serde_json::to_value(&metadata).expect("it is JSON");
            json[member] = json!(address);
            metadata = serde_json::from_value(json).expect("it is read");
            let error =
                Client::new(metadata, registration(), fetcher()).expect_err("it is refused");
            assert_eq!(error.code(), code, "{member} {address}");
            assert!(!matches!(error, ConfigurationError::Discovery(_)));
        }
    }
}
