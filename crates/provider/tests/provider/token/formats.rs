//! Access tokens as JWT (RFC 9068), opaque, and JWT that are kept.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::jws::CompactJws;
use countersign_store::SecretHash;
use countersign_testing::{ALICE, Forger, ISSUER, TestProvider, callback, claims_of, header_of};
use serde_json::json;

use crate::expect;

#[tokio::test]
async fn a_jwt_has_every_claim_of_rfc_9068_and_a_published_key() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid email",
        )
        .await;
    let header = header_of(&tokens.access_token);
    assert_eq!(header["typ"], "at+jwt"); // RFC 9068, section 2.1
    assert_eq!(header["alg"], "ES256");
    let jwks = JwkSet::from_json(op.browser().get("/jwks").await.body.as_bytes()).expect("a set");
    let key = jwks
        .select(header["kid"].as_str(), SignatureAlgorithm::ES256)
        .expect("published");
    CompactJws::decode(&tokens.access_token)
        .expect("a JWS")
        .verify(&key)
        .expect("verifies");

    let claims = claims_of(&tokens.access_token);
    let now = op.provider.now();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER, "where no resource was asked for");
    assert_eq!(claims["sub"], ALICE.sub);
    assert_eq!(claims["client_id"], "confidential");
    assert_eq!(claims["iat"], now);
    assert_eq!(claims["exp"], now + 600);
    assert_eq!(claims["scope"], "openid email");
    assert_eq!(claims["auth_time"], now); // 2.2.1
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
    assert!(claims["email"].is_null(), "nothing about the person");
}

#[tokio::test]
async fn an_opaque_token_says_nothing_and_is_known_by_its_hash_alone() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid email")
        .await;
    assert!(
        tokens.access_token.starts_with("cs_at_"),
        "a secret scanner finds it"
    );
    assert!(!tokens.access_token.contains('.'));
    assert!(expect::is_accepted(&op, &tokens.access_token).await);

    let form = [("grant_type", "client_credentials"), ("scope", "reports")];
    let own = op.token("posting", &form).await.tokens().access_token;
    assert!(own.starts_with("cs_ct_"));
    // Each kind only as what it is, and not with a character changed.
    for token in [
        tokens.access_token.replacen("cs_at_", "cs_ct_", 1),
        own.replacen("cs_ct_", "cs_at_", 1),
        tokens
            .access_token
            .replace(&tokens.access_token[40..44], "AAAA"),
        tokens.access_token[..70].to_owned(),
    ] {
        expect::token_refused(&op.userinfo(&token).await);
    }
}

#[tokio::test]
async fn an_opaque_token_may_be_narrower_than_its_grant() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid email")
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("scope", "openid"),
    ];
    let narrow = op.token("posting", &form).await.tokens();
    assert!(op.userinfo(&narrow.access_token).await.json()["email"].is_null());
    assert_eq!(
        op.userinfo(&tokens.access_token).await.json()["email"],
        ALICE.email
    );
}

#[tokio::test]
async fn an_opaque_token_expires_at_the_second() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid")
        .await;
    op.clock.advance(599);
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    op.clock.advance(1);
    expect::token_refused(&op.userinfo(&tokens.access_token).await);
}

#[tokio::test]
async fn a_jwt_that_is_to_be_kept_is_refused_if_it_was_not() {
    let op = TestProvider::start().await;
    let redirect_uri = callback::FIRST_PARTY;
    let tokens = op
        .tokens(&ALICE, "first-party", redirect_uri, "openid")
        .await;
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    // Signed with the stolen key, for a live grant, and never issued.
    let forger = Forger::of(&op, SignatureAlgorithm::ES256).await;
    let mut claims = claims_of(&tokens.access_token);
    claims["jti"] = json!("made-up");
    expect::token_refused(&op.userinfo(&forger.sign("at+jwt", &claims)).await);
}

#[tokio::test]
async fn a_single_jwt_can_be_revoked() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
    let claims = claims_of(&tokens.access_token);
    let jti = SecretHash::of(claims["jti"].as_str().expect("a jti").as_bytes());
    let now = op.provider.now();
    op.provider
        .store
        .deny_access_token(&jti, now + 610, now)
        .await
        .expect("denies");
    expect::token_refused(&op.userinfo(&tokens.access_token).await);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let other = op.refresh("confidential", &refresh_token).await.tokens();
    assert!(
        expect::is_accepted(&op, &other.access_token).await,
        "and its grant lives on"
    );
}
