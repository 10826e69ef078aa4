//! A token response (RFC 6749, section 5.1, OpenID Connect Core, section 3.1.3.3): its form, and
//! the worth of what it carries.

use std::collections::{HashMap, HashSet};

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::jws::CompactJws;
use countersign_jose::{base64url, digest};
use countersign_testing::{
    ALICE, Answer, ISSUER, TestProvider, VERIFIER, callback, claims_of, header_of,
};
use http::{Method, StatusCode};

const CALLBACK: &str = callback::CONFIDENTIAL;

async fn redeemed(op: &TestProvider, client_id: &str, redirect_uri: &str) -> Answer {
    let mut browser = op.browser();
    let code = op
        .code(
            &mut browser,
            &ALICE,
            client_id,
            redirect_uri,
            "openid email",
        )
        .await;
    op.redeem(client_id, redirect_uri, &code).await
}

#[tokio::test]
async fn a_response_is_json_that_must_not_be_cached() {
    // RFC 6749, section 5.1: no-store and no-cache; OpenID Connect Core, section 3.1.3.3.
    let op = TestProvider::start().await;
    let answer = redeemed(&op, "confidential", CALLBACK).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let body = answer.json();
    let members = body.as_object().expect("an object");
    let names: HashSet<&str> = members.keys().map(String::as_str).collect();
    let expected = [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "id_token",
        "scope",
    ];
    assert_eq!(names, HashSet::from(expected));
    assert_eq!(body["token_type"], "Bearer");
    assert!(body["expires_in"].is_u64(), "a number: {body}");
    assert!(body["expires_in"].as_u64().expect("a number") <= 31_536_000);
}

#[tokio::test]
async fn the_answer_is_json_whatever_the_client_says_it_accepts() {
    // Some clients send a browser's Accept header to the token endpoint.
    let op = TestProvider::start().await;
    for accept in [
        "text/html, image/gif, *; q=.2, */*; q=.2",
        "text/html",
        "application/xml",
        "",
    ] {
        let headers = [
            ("accept", accept.to_owned()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ];
        let body = Some("grant_type=client_credentials".to_owned());
        let answer = op
            .browser()
            .send(Method::POST, "/token", &headers, body)
            .await;
        assert_eq!(answer.error(), "invalid_client", "{accept}");
    }
}

#[tokio::test]
async fn codes_and_tokens_have_more_than_96_bits_of_measured_entropy() {
    let op = TestProvider::start().await;
    let mut seen = HashSet::new();
    for (client_id, redirect_uri) in [("confidential", CALLBACK), ("posting", callback::POSTING)] {
        for _ in 0..5 {
            let mut browser = op.browser();
            let code = op
                .code(&mut browser, &ALICE, client_id, redirect_uri, "openid")
                .await;
            let tokens = op.redeem(client_id, redirect_uri, &code).await.tokens();
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            let jti = claims_or_itself(&tokens.access_token);
            for value in [code, tokens.access_token, refresh_token] {
                assert!(shannon_bits(&value) > 96.0, "{value}");
                assert!(value.len() >= 32);
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                assert!(value.bytes().all(plain), "needs no form encoding: {value}");
                assert!(seen.insert(value), "twice the same");
            }
            assert!(seen.insert(jti), "twice the same jti");
        }
    }
}

fn claims_or_itself(access_token: &str) -> String {
    match access_token.contains('.') {
        true => claims_of(access_token)["jti"].to_string(),
        false => format!("opaque {access_token}"),
    }
}

/// Length times the entropy per character of the value's own distribution: what the conformance
/// tests measure.
fn shannon_bits(text: &str) -> f64 {
    let mut counts = HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
    }
    let length = text.chars().count() as f64;
    let per_character: f64 = counts
        .values()
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum();
    per_character * length
}

#[tokio::test]
async fn an_id_token_is_signed_with_the_clients_algorithm_and_a_published_key() {
    // OpenID Connect Registration, section 2: RS256 where none was asked for; OpenID Connect Core,
    // section 3.1.3.7.
    let op = TestProvider::start().await;
    let metadata = r#"{"redirect_uris": ["https://ps.example/callback"],
        "token_endpoint_auth_method": "none", "id_token_signed_response_alg": "PS256"}"#;
    op.add_client_with("ps", None, metadata).await;
    let jwks = JwkSet::from_json(op.browser().get("/jwks").await.body.as_bytes()).expect("a set");
    for (client_id, redirect_uri, alg) in [
        ("confidential", CALLBACK, SignatureAlgorithm::RS256),
        ("posting", callback::POSTING, SignatureAlgorithm::ES256),
        ("public", callback::PUBLIC, SignatureAlgorithm::EdDSA),
        (
            "ps",
            "https://ps.example/callback",
            SignatureAlgorithm::PS256,
        ),
    ] {
        let mut browser = op.browser();
        let code = op
            .code(&mut browser, &ALICE, client_id, redirect_uri, "openid")
            .await;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let tokens = match client_id {
            "ps" => op.browser().post("/token", &form).await.tokens(),
            _ => op.redeem(client_id, redirect_uri, &code).await.tokens(),
        };
        let id_token = tokens.id_token.expect("an ID token");
        let jws = CompactJws::decode(&id_token).expect("a JWS");
        assert_eq!(jws.header().alg(), alg, "{client_id}");
        let key = jwks
            .select(jws.header().kid(), alg)
            .expect("a published key");
        jws.verify(&key).expect("verifies");
        assert_eq!(claims_of(&id_token)["aud"], client_id);

        // OpenID Connect Core, section 3.1.3.6: the left half of the hash that the algorithm goes
        // with.
        let hash = match alg {
            SignatureAlgorithm::EdDSA => digest::sha512(tokens.access_token.as_bytes()).to_vec(),
            _ => digest::sha256(tokens.access_token.as_bytes()).to_vec(),
        };
        let at_hash = base64url::encode(&hash[..hash.len() / 2]);
        assert_eq!(
            claims_of(&id_token)["at_hash"],
            at_hash.as_str(),
            "{client_id}"
        );
    }
}

#[tokio::test]
async fn an_id_token_has_the_claims_that_it_must_and_none_about_the_user() {
    // OpenID Connect Core, sections 2 and 5.4: with an access token issued, the scopes' claims are
    // at userinfo.
    let op = TestProvider::start().await;
    let tokens = redeemed(&op, "confidential", CALLBACK).await.tokens();
    let id_token = tokens.id_token.expect("an ID token");
    assert_eq!(header_of(&id_token)["typ"], "JWT");
    let claims = claims_of(&id_token);
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["sub"], ALICE.sub);
    assert_eq!(claims["aud"], "confidential");
    let lifetime = op.provider.settings.tokens.id_token_lifetime_seconds;
    assert_eq!(claims["exp"].as_i64(), Some(op.provider.now() + lifetime));
    assert!(
        claims["email"].is_null() && claims["name"].is_null(),
        "{claims}"
    );
    assert!(
        claims["sub"]
            .as_str()
            .is_some_and(|sub| sub.len() <= 255 && sub.is_ascii())
    );
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    for (wait_seconds, status) in [(59, StatusCode::OK), (60, StatusCode::BAD_REQUEST)] {
        let code = op
            .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
            .await;
        op.clock.advance(wait_seconds);
        let answer = op.redeem("confidential", CALLBACK, &code).await;
        assert_eq!(answer.status, status, "{wait_seconds}: {answer:?}");
    }
}

#[tokio::test]
async fn all_codes_that_were_not_used_can_be_voided_at_once() {
    let op = TestProvider::start().await;
    let used = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    assert_eq!(op.provider.delete_all_codes().await.expect("deletes"), 1);
    let answer = op.redeem("confidential", CALLBACK, &code).await;
    crate::expect::refused(&answer, "invalid_grant");
    assert!(crate::expect::is_accepted(&op, &used.access_token).await);
}
