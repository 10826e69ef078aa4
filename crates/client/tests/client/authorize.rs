//! The authorization request: OpenID Connect Core, section 3.1.2.1; RFC 7636, section 4.

use countersign_client::AuthorizeError;
use countersign_jose::{base64url, digest};
use countersign_oauth::response_mode::ResponseMode;

use crate::provider::{CLIENT_ID, Provider, REDIRECT_URI, query};

#[tokio::test]
async fn every_request_has_state_nonce_and_an_s256_challenge() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let first = client.authorize().build().expect("it is built");
    assert!(
        first
            .url
            .as_str()
            .starts_with(&format!("{}/authorize?tenant=1&", provider.issuer))
    );
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query(&first, name).as_deref(), Some(expected), "{name}");
    }
    let kept = serde_json::to_value(&first.pending).expect("it is JSON");
    assert_eq!(query(&first, "state").as_deref(), kept["state"].as_str());
    assert_eq!(query(&first, "nonce").as_deref(), kept["nonce"].as_str());
    // RFC 7636, section 4.2: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))).
    let verifier = kept["code_verifier"].as_str().expect("a text");
    assert!((43..=128).contains(&verifier.len()));
    let challenge = base64url::encode(digest::sha256(verifier.as_bytes()));
    assert_eq!(query(&first, "code_challenge"), Some(challenge));
    for absent in [
        "prompt",
        "max_age",
        "response_mode",
        "code_verifier",
        "client_secret",
    ] {
        assert_eq!(query(&first, absent), None, "{absent}");
    }

    let second = client.authorize().build().expect("it is built");
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(query(&first, name), query(&second, name), "{name}");
    }
}

#[tokio::test]
async fn what_the_application_asks_for_is_sent() {
    let client = Provider::start().await.client().await;
    let authorization = client
        .authorize()
        .scope("openid profile offline_access")
        .redirect_uri("https://shop.example/other")
        .prompt("login consent")
        .max_age_seconds(0)
        .login_hint("alice@example.com & co")
        .acr_values("urn:a urn:b")
        .ui_locales("de en")
        .resource("https://api.example/a")
        .resource("https://api.example/b")
        .response_mode(ResponseMode::FormPost)
        .parameter("display", "page")
        .build()
        .expect("it is built");
    for (name, expected) in [
        ("scope", "openid profile offline_access"),
        ("redirect_uri", "https://shop.example/other"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("login_hint", "alice@example.com & co"),
        ("acr_values", "urn:a urn:b"),
        ("ui_locales", "de en"),
        ("response_mode", "form_post"),
        ("display", "page"),
    ] {
        assert_eq!(
            query(&authorization, name).as_deref(),
            Some(expected),
            "{name}"
        );
    }
    let resources = authorization
        .url
        .query_pairs()
        .filter(|(name, _)| name == "resource");
    assert_eq!(resources.count(), 2);
}

#[tokio::test]
async fn without_openid_there_is_no_nonce() {
    let client = Provider::start().await.client().await;
    let authorization = client
        .authorize()
        .scope("read")
        .build()
        .expect("it is built");
    assert_eq!(query(&authorization, "nonce"), None);
    assert!(query(&authorization, "code_challenge").is_some());
}

#[tokio::test]
async fn a_parameter_that_the_request_makes_itself_is_refused() {
    let client = Provider::start().await.client().await;
    for name in [
        "state",
        "nonce",
        "code_challenge",
        "client_id",
        "request",
        "request_uri",
        "scope",
    ] {
        let error = client
            .authorize()
            .parameter(name, "x")
            .build()
            .expect_err(name);
        assert_eq!(
            error,
            AuthorizeError::OwnParameter {
                name: name.to_owned()
            }
        );
    }
}

#[tokio::test]
async fn a_request_that_no_provider_could_serve_is_refused() {
    let client = Provider::start().await.client().await;
    let code = |request: countersign_client::AuthorizationRequest<'_>| {
        request.build().expect_err("it is refused").code()
    };
    assert_eq!(
        code(client.authorize().prompt("none login")),
        "prompt_none_with_others"
    );
    assert_eq!(
        code(client.authorize().scope("openid \"profile\"")),
        "scope_forbidden_character"
    );
    let fragment = client.authorize().response_mode(ResponseMode::Fragment);
    assert_eq!(code(fragment), "authorize_fragment_response_mode");
}

#[tokio::test]
async fn a_pending_authorization_survives_being_stored() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let authorization = client
        .authorize()
        .scope("read")
        .build()
        .expect("it is built");
    let response = provider.response(&authorization);
    let stored = serde_json::to_string(&authorization.pending).expect("it is JSON");
    let restored = serde_json::from_str(&stored).expect("it is read back");
    assert!(client.check_response(restored, response).is_ok());
}
