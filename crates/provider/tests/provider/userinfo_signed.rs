//! Userinfo as a signed JWT (OpenID Connect Core, section 5.3.2).

use countersign_testing::{ALICE, Answer, ISSUER, TestProvider, claims_of, header_of};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::expect;
use crate::register::{open, register};

const CALLBACK: &str = "https://signed.example/callback";

async fn add(op: &TestProvider, alg: &str) {
    let metadata = json!({
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": alg,
    });
    let metadata = metadata.to_string();
    op.add_client_with("signed", None, &metadata).await;
}

async fn userinfo(op: &TestProvider) -> Answer {
    let tokens = op.tokens(&ALICE, "signed", CALLBACK, "openid profile");
    op.userinfo(&tokens.await.access_token).await
}

/// The signature, checked with the keys that are published.
async fn verified(op: &TestProvider, jwt: &str) -> Value {
    use countersign_jose::jwk::JwkSet;
    use countersign_jose::jws::CompactJws;
    let jwks = op.browser().get("/jwks").await.body;
    let jwks: JwkSet = serde_json::from_str(&jwks).expect("a set");
    let jws = CompactJws::decode(jwt).expect("a JWS");
    let key = jwks.select(jws.header().kid(), jws.header().alg());
    let jws = jws.verify(&key.expect("a key")).expect("signed by it");
    serde_json::from_slice(jws.payload()).expect("JSON")
}

#[tokio::test]
async fn it_is_signed_with_the_registered_algorithm_and_names_issuer_and_audience() {
    // "If the UserInfo Response is signed and/or encrypted, then the Claims are returned in a JWT
    // and the content-type MUST be application/jwt. ... it SHOULD contain the Claims iss (issuer)
    // and aud (audience) as members."
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let op = TestProvider::start().await;
        add(&op, alg).await;
        let answer = userinfo(&op).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/jwt");
        assert!(answer.header("cache-control").contains("no-store"));
        assert_eq!(header_of(&answer.body)["alg"], alg);
        let claims = verified(&op, &answer.body).await;
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], "signed");
        assert_eq!(claims["sub"], ALICE.sub);
        assert_eq!(claims["name"], ALICE.name);
    }
}

#[tokio::test]
async fn a_refusal_is_a_challenge_as_ever() {
    let op = TestProvider::start().await;
    add(&op, "ES256").await;
    let answer = op.userinfo("x").await;
    expect::token_refused(&answer);
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn what_is_registered_for_nothing_is_json() {
    let op = TestProvider::start().await;
    let callback = countersign_testing::callback::CONFIDENTIAL;
    let tokens = op.tokens(&ALICE, "confidential", callback, "openid").await;
    let headers = [
        ("authorization", format!("Bearer {}", tokens.access_token)),
        ("accept", "application/jwt".to_owned()),
    ];
    let mut browser = op.browser();
    let answer = browser.send(Method::GET, "/userinfo", &headers, None).await;
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn it_is_no_other_token() {
    // RFC 8725, section 2.8: no confusion of one JWT with another.
    let op = TestProvider::start().await;
    add(&op, "ES256").await;
    let jwt = userinfo(&op).await.body;
    assert!(claims_of(&jwt)["exp"].is_null());
    expect::token_refused(&op.userinfo(&jwt).await);
    let mut request = op.authorization("signed", CALLBACK, "openid");
    request.push(("id_token_hint", jwt));
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(&answer, CALLBACK, "invalid_request");
}

#[tokio::test]
async fn only_algorithms_with_a_public_key_can_be_registered() {
    let op = open().await;
    let metadata =
        |alg| json!({ "redirect_uris": [CALLBACK], "userinfo_signed_response_alg": alg });
    for alg in ["none", "HS256", "RS1", "ES521"] {
        let answer = register(&op, None, &metadata(alg)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert_eq!(answer.error(), "invalid_client_metadata");
    }
    let answer = register(&op, None, &metadata("RS256")).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.json()["userinfo_signed_response_alg"], "RS256");
}

#[tokio::test]
async fn without_a_key_there_is_no_unsigned_response_in_its_place() {
    let op = TestProvider::start().await;
    add(&op, "ES512").await;
    let answer = userinfo(&op).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}
