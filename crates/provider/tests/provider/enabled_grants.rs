//! `grants.enabled`: what is left out is not advertised, can't be registered, and is not served.

use countersign_provider::settings::EnabledGrant;
use countersign_testing::{Answer, BOB, Browser, Options, TestProvider, callback};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{expect, register};

async fn start(enabled: &[&str]) -> TestProvider {
    let enabled: Vec<EnabledGrant> = enabled
        .iter()
        .map(|name| name.parse().expect("a name"))
        .collect();
    let options = Options::with(|settings| {
        settings.grants.enabled = enabled;
        settings.registration.open = true;
    });
    TestProvider::start_with(options).await
}

async fn metadata(op: &TestProvider) -> Value {
    let mut browser: Browser = op.browser();
    browser
        .get("/.well-known/openid-configuration")
        .await
        .json()
}

async fn status(op: &TestProvider, path: &str) -> StatusCode {
    op.browser().get(path).await.status
}

async fn register(op: &TestProvider, metadata: Value) -> Answer {
    register::register(op, None, &metadata).await
}

/// RFC 8414, section 2.
#[tokio::test]
async fn without_the_code_flow_nothing_leads_to_the_authorization_endpoint() {
    let op = start(&["client_credentials", "device_code"]).await;
    let metadata = metadata(&op).await;
    assert_eq!(
        metadata["grant_types_supported"],
        json!([
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code"
        ])
    );
    for absent in [
        "authorization_endpoint",
        "response_types_supported",
        "response_modes_supported",
        "code_challenge_methods_supported",
        "prompt_values_supported",
    ] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    let scopes = metadata["scopes_supported"].to_string();
    assert!(!scopes.contains("offline_access"), "{scopes}");
    assert_eq!(status(&op, "/authorize").await, StatusCode::NOT_FOUND);
    assert_eq!(status(&op, "/device").await, StatusCode::OK);

    // RFC 6749, section 5.2, although the clients are registered for them.
    for (grant_type, parameter) in [
        ("authorization_code", "code"),
        ("refresh_token", "refresh_token"),
    ] {
        let form = [("grant_type", grant_type), (parameter, "a")];
        expect::refused(
            &op.token("confidential", &form).await,
            "unsupported_grant_type",
        );
    }
    let form = [("grant_type", "client_credentials")];
    assert_eq!(op.token("confidential", &form).await.status, StatusCode::OK);
}

/// RFC 8628, section 4.
#[tokio::test]
async fn without_the_device_flow_its_addresses_are_no_ones() {
    let op = start(&["authorization_code", "refresh_token"]).await;
    let metadata = metadata(&op).await;
    assert!(metadata.get("device_authorization_endpoint").is_none());
    assert!(metadata.get("authorization_endpoint").is_some());
    assert_eq!(status(&op, "/device").await, StatusCode::NOT_FOUND);
    let asked = op
        .post_as("confidential", "/device_authorization", &[])
        .await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND);
    let device_code = "urn:ietf:params:oauth:grant-type:device_code";
    for grant_type in [device_code, "client_credentials", "password"] {
        let form = [("grant_type", grant_type), ("device_code", "a")];
        expect::refused(
            &op.token("confidential", &form).await,
            "unsupported_grant_type",
        );
    }
}

/// What `all` does not bring is what no server here has.
#[tokio::test]
async fn all_is_every_grant_type_that_there_is() {
    let op = start(&["all"]).await;
    let default = TestProvider::start().await;
    let names = |metadata: Value| metadata["grant_types_supported"].clone();
    assert_eq!(names(metadata(&op).await), names(metadata(&default).await));
    let form = [
        ("grant_type", "password"),
        ("username", "a"),
        ("password", "a"),
    ];
    expect::refused(
        &op.token("confidential", &form).await,
        "unsupported_grant_type",
    );
}

/// A client that was registered for refreshing before it was switched off.
#[tokio::test]
async fn without_refreshing_no_grant_begins_a_refresh_family() {
    let op = start(&["oidcAuthorizationCode"]).await;
    let scope = "openid offline_access";
    let tokens = op
        .tokens(&BOB, "confidential", callback::CONFIDENTIAL, scope)
        .await;
    assert_eq!(tokens.refresh_token, None);
    assert_eq!(tokens.body["scope"], "openid");
}

/// RFC 7591, section 2: a grant type that is registered because none was named counts too.
#[tokio::test]
async fn what_is_left_out_cannot_be_registered() {
    let redirect_uris = json!(["https://app.example/callback"]);
    let op = start(&["authorization_code"]).await;
    let refreshing = json!({
        "redirect_uris": redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
    });
    expect::refused(&register(&op, refreshing).await, "invalid_client_metadata");
    let plain = json!({ "redirect_uris": redirect_uris });
    assert_eq!(
        register(&op, plain.clone()).await.status,
        StatusCode::CREATED
    );

    let op = start(&["device_code"]).await;
    expect::refused(&register(&op, plain).await, "invalid_client_metadata");
    let device = json!({
        "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_method": "none",
    });
    assert_eq!(register(&op, device).await.status, StatusCode::CREATED);
}

/// The flow names of older systems are views: the code flow "with PKCE" alone demands it.
#[tokio::test]
async fn a_server_with_only_the_flow_with_pkce_demands_it_of_everyone() {
    for (enabled, demanded) in [
        (&["authorizationCodeWithPKCE"][..], true),
        (
            &["authorizationCodeWithPKCE", "oidcAuthorizationCode"],
            true,
        ),
        (&["authorizationCodeWithPKCE", "authorizationCode"], false),
        (&["authorizationCodeWithPKCE", "authorization_code"], false),
        (&["oidcAuthorizationCode"], false),
        (&["all"], false),
    ] {
        let op = start(enabled).await;
        let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        request.retain(|(name, _)| !name.starts_with("code_challenge"));
        let answer = op.browser().get_with("/authorize", &request).await;
        let error = answer.location_parameter("error");
        let expected = demanded.then_some("invalid_request");
        assert_eq!(error.as_deref(), expected, "{enabled:?}");
    }
}
