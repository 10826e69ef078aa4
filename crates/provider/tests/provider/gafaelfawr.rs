//! Applications that were made for Gafaelfawr: its addresses, and the one token that is access
//! token and ID token.

use countersign_testing::{
    ALICE, Answer, Browser, ClientPersona, ISSUER, Options, TestProvider, VERIFIER, callback,
    claims_of, header_of,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::expect;

const CALLBACK: &str = callback::POSTING;

async fn start(one_token: bool) -> TestProvider {
    let options = Options::with(|settings| settings.compatibility.gafaelfawr_routes = true);
    let op = TestProvider::start_with(options).await;
    let mut metadata: Value =
        serde_json::from_str(ClientPersona::named("posting").metadata).expect("JSON");
    metadata["access_token_format"] = json!("jwt");
    metadata["insecure_id_token_is_access_token"] = json!(one_token);
    metadata["id_token_signed_response_alg"] = json!("RS256");
    op.update_client("posting", &metadata.to_string()).await;
    op
}

/// Through the addresses that such an application has written down.
async fn signed_in(op: &TestProvider, browser: &mut Browser, scope: &str) -> Answer {
    let request = op.authorization("posting", CALLBACK, scope);
    let mut answer = browser.get_with("/auth/openid/login", &request).await;
    answer = browser
        .sign_in(&answer, ALICE.username, ALICE.password)
        .await;
    if answer.page_kind() == "consent" {
        answer = browser.submit(&answer, &[("decision", "allow")]).await;
    }
    let code = answer.location_parameter("code").expect("a code");
    assert_eq!(
        answer.location_parameter("state").as_deref(),
        Some("the-state")
    );
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "posting"),
        ("client_secret", ClientPersona::secret_of("posting")),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    op.browser().post("/auth/openid/token", &form).await
}

async fn userinfo(op: &TestProvider, token: &str) -> Answer {
    let header = [("authorization", format!("Bearer {token}"))];
    let mut browser = op.browser();
    browser
        .get_with_headers("/auth/openid/userinfo", &header)
        .await
}

#[tokio::test]
async fn its_addresses_are_ours_under_other_names() {
    let op = start(false).await;
    let answer = signed_in(&op, &mut op.browser(), "openid").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let tokens = answer.tokens();
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert!(answer.json()["expires_in"].is_i64());
    assert_ne!(tokens.id_token.as_ref(), Some(&tokens.access_token));
    let told = userinfo(&op, &tokens.access_token).await;
    assert_eq!(told.json()["sub"], ALICE.sub);
    expect::token_refused(&userinfo(&op, "x").await);
    let refused = [("grant_type", "authorization_code"), ("code", "x")];
    let refused = op.browser().post("/auth/openid/token", &refused).await;
    expect::refused(&refused, "invalid_client");
}

#[tokio::test]
async fn they_are_not_there_unless_switched_on() {
    let op = TestProvider::start().await;
    for path in ["/auth/openid/login", "/auth/openid/userinfo"] {
        assert_eq!(op.browser().get(path).await.status, StatusCode::NOT_FOUND);
    }
    let answer = op.browser().post("/auth/openid/token", &[("a", "b")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn discovery_goes_on_naming_ours() {
    let op = start(false).await;
    let path = "/.well-known/openid-configuration";
    let document = op.browser().get(path).await.json();
    assert_eq!(document["token_endpoint"], format!("{ISSUER}/token"));
}

#[tokio::test]
async fn one_token_is_access_token_and_id_token() {
    let op = start(true).await;
    let mut browser = op.browser();
    let answer = signed_in(&op, &mut browser, "openid profile").await;
    let tokens = answer.tokens();
    let token = tokens.id_token.expect("an ID token");
    assert_eq!(token, tokens.access_token);
    assert_eq!(header_of(&token)["alg"], "RS256", "as ID tokens are signed");
    let claims = claims_of(&token);
    assert_eq!(claims["aud"], json!(["posting", ISSUER]));
    assert_eq!(claims["azp"], "posting");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], ALICE.sub);
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["exp"], op.provider.now() + 600);
    assert_eq!(answer.json()["expires_in"], 600);
    assert!(claims["at_hash"].is_null());
    assert_eq!(userinfo(&op, &token).await.json()["name"], ALICE.name);
    let told = op.introspect("posting", &token).await.json();
    assert_eq!(told["aud"], claims["aud"]);
    // It goes on being a hint, and ends with its session.
    let out = browser
        .get_with("/logout", &[("id_token_hint", &token)])
        .await;
    assert!(out.body.contains("You are signed out"), "{out:?}");
    expect::token_refused(&userinfo(&op, &token).await);
}

#[tokio::test]
async fn without_openid_there_is_no_id_token_and_so_no_one_token() {
    let op = start(true).await;
    let tokens = signed_in(&op, &mut op.browser(), "reports").await.tokens();
    assert_eq!(tokens.id_token, None);
    let claims = claims_of(&tokens.access_token);
    assert_eq!(claims["aud"], ISSUER);
    assert!(claims["azp"].is_null());
}

#[tokio::test]
async fn a_refresh_brings_another_one_token() {
    let op = start(true).await;
    let tokens = signed_in(&op, &mut op.browser(), "openid").await.tokens();
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let again = op.refresh("posting", &refresh_token).await.tokens();
    assert_eq!(again.id_token.as_ref(), Some(&again.access_token));
    assert!(claims_of(&again.access_token)["nonce"].is_null());
    assert!(expect::is_accepted(&op, &again.access_token).await);
}

#[tokio::test]
async fn an_ordinary_access_token_is_no_hint() {
    let op = TestProvider::start().await;
    let callback = callback::CONFIDENTIAL;
    let tokens = op.tokens(&ALICE, "confidential", callback, "openid").await;
    let mut request = op.authorization("confidential", callback, "openid");
    request.push(("id_token_hint", tokens.access_token));
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(&answer, callback, "invalid_request");
}

/// RFC 7009, section 2.1: what opens userinfo can be revoked.
#[tokio::test]
async fn one_token_can_be_revoked() {
    let op = start(true).await;
    let tokens = signed_in(&op, &mut op.browser(), "openid").await.tokens();
    let answer = op.revoke("posting", &tokens.access_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}
