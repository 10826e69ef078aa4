//! Claims and authentication classes that a request asks for (OpenID Connect Core, sections 5.2,
//! 5.5 and 3.1.2.1).

use countersign_testing::{ALICE, Answer, BOB, Browser, TestProvider, claims_of};
use serde_json::{Value, json};

use super::{CALLBACK, asked, id_token_of, request};
use crate::expect;

/// Signs Alice in with these parameters, allows, and redeems the code.
async fn tokens(
    op: &TestProvider,
    browser: &mut Browser,
    changes: &[(&'static str, &str)],
) -> (Answer, Value, Value) {
    let login = asked(op, browser, changes).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let id_token = claims_of(tokens.id_token.as_deref().expect("an ID token"));
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    (consent, id_token, userinfo)
}

#[tokio::test]
async fn a_claim_is_released_where_it_was_asked_for() {
    let op = TestProvider::start().await;
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":null}}"#;
    let changes = [("scope", "openid"), ("claims", claims)];
    let (consent, id_token, userinfo) = tokens(&op, &mut op.browser(), &changes).await;
    // Section 5.4: the user is asked for what is released.
    for shown in ["email", "profile"] {
        assert!(consent.body.contains(shown), "{shown}: {consent:?}");
    }
    assert_eq!(id_token["email"], ALICE.email);
    assert_eq!(id_token.get("name"), None);
    assert_eq!(userinfo["name"], ALICE.name);
    assert_eq!(userinfo.get("email"), None);
    // The scope of the tokens stays what it was.
    assert_eq!(userinfo.get("preferred_username"), None);
}

#[tokio::test]
async fn a_claim_by_name_needs_a_consent_that_covers_it() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    tokens(&op, &mut browser, &[("scope", "openid")]).await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let changes = [("scope", "openid"), ("claims", claims)];
    let consent = asked(&op, &mut browser, &changes).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    browser.submit(&consent, &[("decision", "allow")]).await;
    let again = asked(&op, &mut browser, &changes).await;
    assert!(
        again.location_parameter("code").is_some(),
        "remembered: {again:?}"
    );
}

#[tokio::test]
async fn a_client_gets_no_claim_of_a_scope_that_it_may_not_have() {
    let op = TestProvider::start().await;
    op.set_client_scope("confidential", "openid").await;
    let claims = r#"{"userinfo":{"email":null,"salary":null},"id_token":{"name":null}}"#;
    let changes = [("scope", "openid"), ("claims", claims)];
    let (_, id_token, userinfo) = tokens(&op, &mut op.browser(), &changes).await;
    assert_eq!((id_token.get("name"), userinfo.get("email")), (None, None));
}

#[tokio::test]
async fn a_refreshed_id_token_has_the_claims_too() {
    let op = TestProvider::start().await;
    let claims = r#"{"id_token":{"email":null,"sub":null,"iss":{"value":"https://evil.example"}}}"#;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[("claims", claims)]).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refreshed = op.refresh("confidential", &refresh_token).await.tokens();
    let id_token = claims_of(refreshed.id_token.as_deref().expect("an ID token"));
    assert_eq!(id_token["email"], ALICE.email);
    assert_eq!(id_token["iss"], countersign_testing::ISSUER);
}

#[tokio::test]
async fn a_value_of_sub_names_the_user() {
    // Section 5.5.1: as an id_token_hint does.
    let op = TestProvider::start().await;
    let claims = json!({ "id_token": { "sub": { "value": ALICE.sub } } }).to_string();
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[("claims", &claims)]).await;
    let answer = browser.sign_in(&login, BOB.username, BOB.password).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
    let hint = op
        .tokens(&BOB, "confidential", CALLBACK, "openid")
        .await
        .id_token;
    let hint = hint.expect("an ID token");
    let both = [("claims", claims.as_str()), ("id_token_hint", &hint)];
    let answer = asked(&op, &mut op.browser(), &both).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request");
}

#[tokio::test]
async fn a_malformed_claims_parameter_is_sent_back() {
    let op = TestProvider::start().await;
    for claims in [
        "not json",
        "[]",
        r#"{"userinfo":[]}"#,
        r#"{"userinfo":{},"userinfo":{}}"#,
    ] {
        let answer = asked(&op, &mut op.browser(), &[("claims", claims)]).await;
        expect::sent_back(&answer, CALLBACK, "invalid_request");
    }
}

#[tokio::test]
async fn the_acr_is_that_of_the_sign_in() {
    let op = TestProvider::start().await;
    // Section 3.1.2.1: acr_values are voluntary.
    let changes = [("acr_values", "urn:mace:incommon:iap:silver 1")];
    let (_, id_token, _) = tokens(&op, &mut op.browser(), &changes).await;
    assert_eq!(id_token["acr"], "1");
    let metadata = op
        .browser()
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(metadata["acr_values_supported"], json!(["1"]));
}

#[tokio::test]
async fn an_essential_acr_that_can_not_be_reached_fails() {
    // Section 5.5.1.1; OpenID Connect Core Unmet Authentication Requirements, section 2.
    let op = TestProvider::start().await;
    let acr = |values: Value, essential: bool| {
        json!({ "id_token": { "acr": { "essential": essential, "values": values } } }).to_string()
    };
    let mut browser = op.signed_in(&ALICE).await;
    for (claims, error) in [
        (
            acr(json!(["2"]), true),
            Some("unmet_authentication_requirements"),
        ),
        (
            acr(json!(["phr", "phrh"]), true),
            Some("unmet_authentication_requirements"),
        ),
        (acr(json!(["2", "1"]), true), None),
        (acr(json!(["2"]), false), None),
    ] {
        let changes = [("claims", claims.as_str()), ("prompt", "consent")];
        let answer = asked(&op, &mut browser, &changes).await;
        match error {
            Some(error) => expect::sent_back(&answer, CALLBACK, error),
            None => assert_eq!(answer.page_kind(), "consent", "{claims} {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_clients_default_acr_values_are_voluntary() {
    let op = TestProvider::start().await;
    let metadata = r#"{"redirect_uris": ["https://confidential.example/callback"],
        "grant_types": ["authorization_code"], "default_acr_values": ["2"]}"#;
    op.update_client("confidential", metadata).await;
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request(&op, &[])).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(id_token_of(&op, &back).await["acr"], "1");
}

#[tokio::test]
async fn prompt_create_leads_to_the_sign_in_where_no_one_can_sign_up() {
    // Initiating User Registration via OpenID Connect, section 4.
    let op = TestProvider::start().await;
    let login = asked(&op, &mut op.browser(), &[("prompt", "create")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let answer = asked(&op, &mut op.browser(), &[("prompt", "none create")]).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request");
}

/// RFC 6749, section 6: a token of a narrower scope is worth no more than that.
#[tokio::test]
async fn a_narrowed_token_releases_nothing_by_name() {
    let op = TestProvider::start().await;
    let claims = r#"{"userinfo":{"name":null}}"#;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[("claims", claims)]).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    assert_eq!(
        op.userinfo(&tokens.access_token).await.json()["name"],
        ALICE.name
    );
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("scope", "openid"),
    ];
    let narrowed = op.token("confidential", &form).await.tokens();
    let userinfo = op.userinfo(&narrowed.access_token).await.json();
    assert_eq!(userinfo.get("name"), None, "{userinfo}");
}
