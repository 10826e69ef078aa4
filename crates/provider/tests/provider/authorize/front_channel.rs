//! Responses that carry tokens through the browser (OpenID Connect Core, sections 3.2 and 3.3;
//! OAuth 2.0 Multiple Response Types), for clients that are registered for them.

use std::collections::BTreeMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::id_token::left_half_hash;
use countersign_testing::{
    ALICE, Answer, BOB, Browser, ISSUER, Options, TestProvider, claims_of, form,
};
use http::StatusCode;
use serde_json::Value;

use crate::expect;

const CALLBACK: &str = "https://front.example/callback";

const METADATA: &str = r#"{
    "redirect_uris": ["https://front.example/callback"],
    "grant_types": ["authorization_code", "implicit", "refresh_token"],
    "response_types": ["code", "token", "id_token", "id_token token", "code id_token", "code token",
        "code id_token token"]
}"#;

async fn offering() -> TestProvider {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.authorization.insecure_implicit_and_hybrid = true;
    }))
    .await;
    op.update_client("confidential", METADATA).await;
    op
}

fn request(
    op: &TestProvider,
    response_type: &'static str,
    changes: &[(&'static str, &str)],
) -> Vec<(&'static str, String)> {
    let mut request = op.authorization("confidential", CALLBACK, "openid email");
    let changes = [("response_type", response_type)]
        .into_iter()
        .chain(changes.iter().copied());
    for (name, value) in changes {
        request.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            request.push((name, value.to_owned()));
        }
    }
    request
}

/// The response after sign-in and consent.
async fn allowed(browser: &mut Browser, request: &[(&'static str, String)]) -> (Answer, Answer) {
    let login = browser.get_with("/authorize", request).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let response = browser.submit(&consent, &[("decision", "allow")]).await;
    (consent, response)
}

/// What is in the fragment; nothing else than `state` may be in the query, and not even that.
fn fragment(answer: &Answer) -> BTreeMap<String, String> {
    let location = answer.location().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(location.query(), None, "{location}");
    let fragment = location.fragment().expect("a fragment");
    url::form_urlencoded::parse(fragment.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn half_hash(value: &str) -> String {
    left_half_hash(SignatureAlgorithm::RS256, value)
}

#[tokio::test]
async fn each_response_type_brings_what_it_names() {
    // OAuth 2.0 Multiple Response Types, sections 3 and 5; OpenID Connect Core, sections 3.2.2.5
    // and 3.3.2.5.
    for (response_type, code, access_token, id_token) in [
        ("token", false, true, false),
        ("id_token", false, false, true),
        ("id_token token", false, true, true),
        ("token id_token", false, true, true),
        ("code id_token", true, false, true),
        ("code token", true, true, false),
        ("code id_token token", true, true, true),
    ] {
        let op = offering().await;
        let (_, answer) = allowed(&mut op.browser(), &request(&op, response_type, &[])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{response_type}");
        let sent = fragment(&answer);
        assert_eq!(sent.contains_key("code"), code, "{response_type}");
        assert_eq!(
            sent.contains_key("access_token"),
            access_token,
            "{response_type}"
        );
        assert_eq!(sent.contains_key("id_token"), id_token, "{response_type}");
        assert!(!sent.contains_key("refresh_token"), "{response_type}");
        assert_eq!(sent["state"], "the-state");
        assert_eq!(sent["iss"], ISSUER);
        if access_token {
            // OpenID Connect Core, section 3.2.2.5; RFC 6749, section 4.2.2.
            assert_eq!(sent["token_type"], "Bearer");
            assert_eq!(sent["expires_in"], "600");
            assert!(
                expect::is_accepted(&op, &sent["access_token"]).await,
                "{response_type}"
            );
        }
        let Some(id_token) = sent.get("id_token") else {
            continue;
        };
        let claims = claims_of(id_token);
        assert_eq!(claims["nonce"], "the-nonce", "{response_type}");
        assert_eq!(claims["sub"], ALICE.sub);
        assert_eq!(claims["aud"], "confidential");
        // Sections 3.2.2.10 and 3.3.2.11.
        let hash_of = |name: &str| sent.get(name).map(|value| Value::from(half_hash(value)));
        assert_eq!(
            claims.get("at_hash").cloned(),
            hash_of("access_token"),
            "{response_type}"
        );
        assert_eq!(
            claims.get("c_hash").cloned(),
            hash_of("code"),
            "{response_type}"
        );
    }
}

#[tokio::test]
async fn an_id_token_alone_carries_what_the_scope_releases() {
    // OpenID Connect Core, section 5.4: "when no Access Token is issued".
    let op = offering().await;
    let (_, answer) = allowed(&mut op.browser(), &request(&op, "id_token", &[])).await;
    let claims = claims_of(&fragment(&answer)["id_token"]);
    assert_eq!(claims["email"], ALICE.email);
    assert_eq!(claims.get("name"), None);
    let op = offering().await;
    let (_, answer) = allowed(&mut op.browser(), &request(&op, "id_token token", &[])).await;
    let sent = fragment(&answer);
    assert_eq!(claims_of(&sent["id_token"]).get("email"), None);
    assert_eq!(
        op.userinfo(&sent["access_token"]).await.json()["email"],
        ALICE.email
    );
}

#[tokio::test]
async fn a_code_beside_tokens_is_redeemed_as_any_other() {
    let op = offering().await;
    let asked = request(
        &op,
        "code id_token token",
        &[("scope", "openid offline_access")],
    );
    let (_, answer) = allowed(&mut op.browser(), &asked).await;
    let sent = fragment(&answer);
    let tokens = op
        .redeem("confidential", CALLBACK, &sent["code"])
        .await
        .tokens();
    let claims = claims_of(tokens.id_token.as_deref().expect("an ID token"));
    // OpenID Connect Core, section 3.3.3.6: iss and sub are the same.
    let first = claims_of(&sent["id_token"]);
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&first["iss"], &first["sub"])
    );
    assert_eq!(claims["nonce"], "the-nonce");
    assert!(tokens.refresh_token.is_some());
    // RFC 6749, section 4.1.2: what the replayed code gave is revoked, also what came with it.
    expect::refused(
        &op.redeem("confidential", CALLBACK, &sent["code"]).await,
        "invalid_grant",
    );
    assert!(!expect::is_accepted(&op, &sent["access_token"]).await);
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn what_came_through_the_browser_ends_with_the_session() {
    let op = offering().await;
    let mut browser = op.browser();
    let (_, answer) = allowed(&mut browser, &request(&op, "id_token token", &[])).await;
    let sent = fragment(&answer);
    assert!(expect::is_accepted(&op, &sent["access_token"]).await);
    let hint = [("id_token_hint", sent["id_token"].as_str())];
    browser.get_with("/logout", &hint).await;
    assert!(!expect::is_accepted(&op, &sent["access_token"]).await);
}

#[tokio::test]
async fn a_form_that_is_posted_twice_brings_the_same_user_tokens_twice() {
    let op = offering().await;
    let mut browser = op.browser();
    let (consent, first) = allowed(&mut browser, &request(&op, "id_token token", &[])).await;
    let second = browser.submit(&consent, &[("decision", "allow")]).await;
    for answer in [first, second] {
        assert!(expect::is_accepted(&op, &fragment(&answer)["access_token"]).await);
    }
}

#[tokio::test]
async fn form_post_keeps_tokens_out_of_the_address() {
    // OAuth 2.0 Form Post Response Mode, section 2.
    let op = offering().await;
    let asked = request(&op, "code id_token", &[("response_mode", "form_post")]);
    let (_, answer) = allowed(&mut op.browser(), &asked).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.form_action().as_deref(), Some(CALLBACK));
    let fields: BTreeMap<String, String> = answer.hidden_fields().into_iter().collect();
    assert!(
        fields.contains_key("code") && fields.contains_key("id_token"),
        "{fields:?}"
    );
    assert_eq!(fields["state"], "the-state");
}

#[tokio::test]
async fn an_error_travels_as_the_response_would() {
    let op = offering().await;
    for (changes, error) in [
        ([("prompt", "none"), ("x", "y")], "login_required"),
        ([("scope", "openid \\"), ("x", "y")], "invalid_scope"),
        // OpenID Connect Core, section 3.2.2.1: nonce is REQUIRED.
        ([("nonce", ""), ("x", "y")], "invalid_request"),
        ([("scope", "email"), ("x", "y")], "invalid_scope"),
        // Multiple Response Types, section 5: a query would carry a token.
        ([("response_mode", "query"), ("x", "y")], "invalid_request"),
    ] {
        let request = request(&op, "id_token token", &changes);
        let answer = op.browser().get_with("/authorize", &request).await;
        let sent = fragment(&answer);
        assert_eq!(sent["error"], error, "{changes:?}");
        assert_eq!(sent["state"], "the-state");
    }
    // For `code token` it is not.
    let without = request(&op, "code token", &[("nonce", "")]);
    assert_eq!(
        op.browser()
            .get_with("/authorize", &without)
            .await
            .page_kind(),
        "login"
    );
}

#[tokio::test]
async fn a_client_uses_only_the_response_types_that_it_is_registered_for() {
    let op = offering().await;
    let some = r#"{"redirect_uris": ["https://front.example/callback"],
        "grant_types": ["authorization_code", "implicit"],
        "response_types": ["code", "code id_token"]}"#;
    op.add_client_with("some", Some("secret"), some).await;
    let mut request = request(&op, "id_token", &[]);
    request.retain(|(name, _)| *name != "client_id");
    request.push(("client_id", "some".to_owned()));
    let answer = op.browser().get_with("/authorize", &request).await;
    assert_eq!(fragment(&answer)["error"], "unauthorized_client");
}

#[tokio::test]
async fn none_of_it_is_there_by_default() {
    let op = TestProvider::start().await;
    op.update_client("confidential", METADATA).await;
    for response_type in ["token", "id_token", "code id_token"] {
        let request = request(&op, response_type, &[]);
        let answer = op.browser().get_with("/authorize", &request).await;
        assert_eq!(fragment(&answer)["error"], "unsupported_response_type");
    }
    let metadata = op
        .browser()
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["response_types_supported"],
        serde_json::json!(["code"])
    );
    assert!(
        !metadata["grant_types_supported"]
            .to_string()
            .contains("implicit")
    );
}

#[tokio::test]
async fn a_code_may_travel_in_the_fragment() {
    // Multiple Response Types, section 2.1: single-page applications ask for it.
    let op = TestProvider::start().await;
    let mut request = op.authorization("confidential", super::CALLBACK, "openid");
    request.push(("response_mode", "fragment".to_owned()));
    let (_, answer) = allowed(&mut op.browser(), &request).await;
    let sent = fragment(&answer);
    let code = sent["code"].as_str();
    op.redeem("confidential", super::CALLBACK, code)
        .await
        .tokens();
}

#[tokio::test]
async fn a_public_client_without_a_code_has_nothing_to_prove_a_verifier_for() {
    let op = offering().await;
    let metadata = METADATA.replacen('{', r#"{"token_endpoint_auth_method": "none","#, 1);
    op.add_client_with("page", None, &metadata).await;
    let mut without = request(
        &op,
        "id_token",
        &[("code_challenge", ""), ("client_id", "page")],
    );
    without.retain(|(name, _)| *name != "code_challenge_method");
    let (_, answer) = allowed(&mut op.browser(), &without).await;
    assert!(fragment(&answer).contains_key("id_token"));
    let mut hybrid = without.clone();
    hybrid.retain(|(name, _)| *name != "response_type");
    hybrid.push(("response_type", "code id_token".to_owned()));
    let answer = op.browser().get_with("/authorize", &hybrid).await;
    assert_eq!(fragment(&answer)["error"], "invalid_request");
}

#[tokio::test]
async fn another_user_of_the_browser_gets_no_tokens_by_the_first_ones_form() {
    let op = offering().await;
    let mut browser = op.browser();
    let asked = request(&op, "id_token token", &[]);
    let (consent, _) = allowed(&mut browser, &asked).await;
    let mut other = asked.clone();
    other.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &other).await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_ne!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{answer:?} {}",
        form(&asked)
    );
}

/// OpenID Connect Core, section 16.11: a form that is still open brings no ended token back, and
/// gives no one's token another user.
#[tokio::test]
async fn a_form_that_is_still_open_revives_no_token() {
    for response_type in ["id_token token", "code token"] {
        let op = offering().await;
        let mut browser = op.browser();
        let login = browser
            .get_with("/authorize", &request(&op, response_type, &[]))
            .await;
        let consent = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        let first = browser.submit(&consent, &[("decision", "allow")]).await;
        let token = fragment(&first)["access_token"].clone();
        let account = browser.get("/account").await;
        browser.submit(&account, &[("decision", "confirm")]).await;
        assert!(!expect::is_accepted(&op, &token).await, "{response_type}");
        for person in [&ALICE, &BOB] {
            let mut answer = browser
                .sign_in(&login, person.username, person.password)
                .await;
            if answer.page_kind() == "consent" {
                answer = browser.submit(&answer, &[("decision", "allow")]).await;
            }
            assert!(
                !expect::is_accepted(&op, &token).await,
                "{response_type} {answer:?}"
            );
        }
    }
}
