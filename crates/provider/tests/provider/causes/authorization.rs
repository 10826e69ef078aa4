//! Causes of the authorization endpoint and of its pages.

use std::collections::BTreeSet;

use countersign_testing::{ALICE, BOB, Options, callback};
use serde_json::json;

use super::{CALLBACK, Stage};
use crate::asserting::{self, KEYS, jwks, signed};

pub async fn authorizations() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let machine =
        r#"{"redirect_uris": ["https://m.example/"], "grant_types": ["client_credentials"]}"#;
    stage
        .op
        .add_client_with("machine", Some("secret"), machine)
        .await;
    stage
        .authorize("authorize_client_id_missing", &[("client_id", "")])
        .await;
    stage
        .authorize("authorize_client_unknown", &[("client_id", "nobody")])
        .await;
    stage
        .authorize("authorize_redirect_uri_missing", &[("redirect_uri", "")])
        .await;
    let other = [("redirect_uri", "https://evil.example/")];
    stage
        .authorize("authorize_redirect_uri_not_registered", &other)
        .await;
    stage
        .authorize("response_type_missing", &[("response_type", "")])
        .await;
    stage
        .authorize("response_type_unsupported", &[("response_type", "token")])
        .await;
    let machine = [
        ("client_id", "machine"),
        ("redirect_uri", "https://m.example/"),
    ];
    stage
        .authorize("response_type_not_registered", &machine)
        .await;
    stage
        .authorize("response_mode_unsupported", &[("response_mode", "jwt")])
        .await;
    let both = [("request", "x"), ("request_uri", "y")];
    stage.authorize("request_and_request_uri", &both).await;
    stage.authorize("request_object_invalid", &both[..1]).await;
    stage
        .authorize("request_uri_not_registered", &both[1..])
        .await;
    stage
        .authorize("registration_not_supported", &[("registration", "{}")])
        .await;
    stage
        .authorize("authorize_scope_malformed", &[("scope", "a \"b\"")])
        .await;
    stage
        .authorize("authorize_scope_empty", &[("scope", "unknown")])
        .await;
    let public = [
        ("client_id", "public"),
        ("redirect_uri", callback::PUBLIC),
        ("code_challenge", ""),
    ];
    let without = [
        public[0],
        public[1],
        public[2],
        ("code_challenge_method", ""),
    ];
    stage.authorize("pkce_required", &without).await;
    let resource = [("resource", "https://x.example")];
    stage
        .authorize("authorize_resource_unknown", &resource)
        .await;
    stage
        .authorize("pkce_malformed", &[("code_challenge", "x")])
        .await;
    stage.authorize("prompt_invalid", &[("prompt", "x")]).await;
    stage
        .authorize("max_age_invalid", &[("max_age", "x")])
        .await;
    stage
        .authorize(
            "authorize_parameter_too_long",
            &[("nonce", &"n".repeat(20_000))],
        )
        .await;
    stage
        .authorize("id_token_hint_invalid", &[("id_token_hint", "x")])
        .await;
    stage
        .authorize("claims_malformed", &[("claims", "x")])
        .await;
    stage
        .authorize("login_required", &[("prompt", "none")])
        .await;

    let mut browser = stage.op.signed_in(&ALICE).await;
    stage.log.take();
    let request = stage.request(&[("prompt", "none"), ("scope", "openid email")]);
    let answer = browser.get_with("/authorize", &request).await;
    stage.meets("consent_required", &answer);
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["9"]}}}"#;
    let request = stage.request(&[("claims", essential)]);
    let answer = browser.get_with("/authorize", &request).await;
    stage.meets("acr_not_reached", &answer);

    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, "openid")
        .await;
    let hint = tokens.id_token.expect("an ID token");
    let of_bob = r#"{"id_token":{"sub":{"value":"bob"}}}"#;
    stage
        .authorize(
            "subjects_differ",
            &[("id_token_hint", &hint), ("claims", of_bob)],
        )
        .await;
    let mut bobs = stage.op.browser();
    let login = bobs
        .get_with("/authorize", &stage.request(&[("id_token_hint", &hint)]))
        .await;
    stage.log.take();
    let answer = bobs.sign_in(&login, BOB.username, BOB.password).await;
    stage.meets("other_user_than_hinted", &answer);
    let answer = bobs.submit(&login, &[("decision", "cancel")]).await;
    stage.meets("sign_in_cancelled", &answer);

    let consent = browser
        .get_with("/authorize", &stage.request(&[("prompt", "consent")]))
        .await;
    let answer = browser.submit(&consent, &[("decision", "deny")]).await;
    stage.meets("consent_denied", &answer);
    let answer = browser.submit(&consent, &[]).await;
    stage.meets("consent_decision_missing", &answer);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    stage
        .op
        .redeem("confidential", CALLBACK, &code)
        .await
        .tokens();
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("authorization_already_done", &answer);
    let silent = stage.request(&[("prompt", "none")]);
    for _ in 0..60 {
        browser.get_with("/authorize", &silent).await;
    }
    stage.log.take();
    let answer = browser.get_with("/authorize", &silent).await;
    stage.meets("session_codes_used_up", &answer);
    stage.met
}

/// Of request objects, and of responses with tokens.
pub async fn signed_and_returning_tokens() -> BTreeSet<String> {
    let mut options = asserting::options();
    options.settings.authorization.insecure_implicit_and_hybrid = true;
    let mut stage = Stage::with(options).await;
    let metadata = json!({
        "redirect_uris": ["https://app.example/"],
        "response_types": ["code", "id_token"], "grant_types": ["authorization_code", "implicit"],
        "jwks": jwks(&[&KEYS[0]]), "request_uris": ["http://127.0.0.1:9/r"],
    });
    let op = &stage.op;
    op.add_client_with("app", Some("secret"), &metadata.to_string())
        .await;
    let mut strict = metadata.clone();
    strict["require_signed_request_object"] = json!(true);
    op.add_client_with("strict", Some("secret"), &strict.to_string())
        .await;
    strict["jwks"] = json!(null);
    op.add_client_with("keyless", Some("secret"), &strict.to_string())
        .await;
    let claims = json!({ "client_id": "app", "response_type": "code" });
    let foreign = signed(&KEYS[1], &claims);
    let own = signed(&KEYS[0], &claims);
    for (cause, client_id, changes) in [
        (
            "request_object_signature_wrong",
            "app",
            [("request", foreign.as_str()), ("x", "")],
        ),
        (
            "request_object_keys_unavailable",
            "keyless",
            [("request", &foreign), ("x", "")],
        ),
        (
            "request_object_differs",
            "app",
            [("request", &own), ("response_type", "id_token")],
        ),
        ("request_object_required", "strict", [("x", ""), ("y", "")]),
        (
            "request_uri_not_fetched",
            "app",
            [("request_uri", "http://127.0.0.1:9/r"), ("x", "")],
        ),
        (
            "nonce_missing",
            "app",
            [("response_type", "id_token"), ("nonce", "")],
        ),
        (
            "id_token_without_openid",
            "app",
            [("response_type", "id_token"), ("scope", "email")],
        ),
    ] {
        let mut all = vec![
            ("client_id", client_id),
            ("redirect_uri", "https://app.example/"),
        ];
        all.extend(changes);
        stage.authorize(cause, &all).await;
    }
    stage.met
}

pub async fn interactions() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    stage.get("interaction_opened_by_hand", "/login").await;
    let answer = stage.op.browser().post("/login", &[("x", "y")]).await;
    stage.meets("interaction_missing", &answer);
    let answer = stage
        .op
        .browser()
        .post("/login", &[("interaction", "x")])
        .await;
    stage.meets("interaction_unreadable", &answer);

    let mut browser = stage.op.browser();
    let request = stage.request(&[]);
    let login = browser.get_with("/authorize", &request).await;
    let answer = stage
        .op
        .browser()
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    stage.meets("interaction_other_browser", &answer);

    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let page = browser.get("/logout").await;
    browser.submit(&page, &[("decision", "confirm")]).await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("interaction_other_user", &answer);
    stage.op.clock.advance(3_600);
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    stage.meets("interaction_expired", &answer);
    stage.met
}

pub async fn sign_ins() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let mut browser = stage.op.browser();
    browser.address = Some(([192, 0, 2, 1], 1_000).into());
    let login = browser.get_with("/authorize", &stage.request(&[])).await;
    let answer = browser.sign_in(&login, "nobody", "x").await;
    stage.meets("login_name_unknown", &answer);
    let answer = browser.sign_in(&login, "alice", "x").await;
    stage.meets("login_password_wrong", &answer);
    let answer = browser.sign_in(&login, "alice", &"x".repeat(2_000)).await;
    stage.meets("login_password_too_long", &answer);
    stage.op.disable_person(&ALICE).await;
    let answer = browser.sign_in(&login, "alice", ALICE.password).await;
    stage.meets("login_account_disabled", &answer);
    for _ in 0..10 {
        browser.sign_in(&login, "bob", "x").await;
    }
    stage.log.take();
    let answer = browser.sign_in(&login, "bob", "x").await;
    stage.meets("login_throttled", &answer);
    stage.met
}
