//! Attack cases 23, 24 and 27 to 31, on client assertions (RFC 7523, section 3; RFC 8725).

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_testing::{Forger, ISSUER, TestProvider};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::asserting::{
    KEYS, KeyServer, add_client, add_client_named, claims, jwks, options, present, signed, with,
};
use crate::expect;

async fn stage() -> TestProvider {
    let op = TestProvider::start().await;
    add_client(&op, json!({ "jwks": jwks(&[&KEYS[0]]) })).await;
    op
}

#[tokio::test]
async fn attack_23_an_assertion_with_a_foreign_or_missing_claim_is_refused() {
    let op = stage().await;
    let now = op.provider.now();
    let cases = [
        ("aud", json!(null)),
        ("aud", json!("https://other.example/token")),
        ("aud", json!([])),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("aud", json!("https://op.example/introspect")),
        ("exp", json!(null)),
        ("exp", json!(now - 60)),
        ("exp", json!(now + 86_400)),
        ("exp", json!("never")),
        ("nbf", json!(now + 61)),
        ("iat", json!(now + 61)),
        ("jti", json!(null)),
        ("jti", json!("")),
        ("iss", json!("confidential")),
        ("sub", json!("confidential")),
        ("iss", json!(null)),
        ("sub", json!(null)),
    ];
    for (member, value) in cases {
        let assertion = signed(&KEYS[0], &with(claims(&op), member, value.clone()));
        let answer = present(&op, &assertion).await;
        expect::refused(&answer, "invalid_client");
    }
    let answer = present(&op, &signed(&KEYS[0], &claims(&op))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_23_a_strict_clients_assertion_names_the_issuer_alone() {
    // FAPI 2.0 Security Profile, section 5.3.2.1: a single text, and no array.
    let op = TestProvider::start().await;
    let strict = json!({
        "jwks": jwks(&[&KEYS[0]]), "strict_client_assertion_audience": true,
    });
    add_client(&op, strict).await;
    for aud in [
        json!([ISSUER]),
        json!([ISSUER, "https://other.example"]),
        json!("https://op.example/token"),
        json!(["https://op.example/token"]),
        json!(format!("{ISSUER}/")),
        json!(null),
    ] {
        let assertion = signed(&KEYS[0], &with(claims(&op), "aud", aud));
        expect::refused(&present(&op, &assertion).await, "invalid_client");
    }
    let answer = present(&op, &signed(&KEYS[0], &claims(&op))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_23_an_assertion_is_used_once_until_it_has_expired() {
    let op = stage().await;
    let assertion = signed(&KEYS[0], &claims(&op));
    let answer = present(&op, &assertion).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    for _ in 0..20 {
        expect::refused(&present(&op, &assertion).await, "invalid_client");
        op.clock.advance(10);
    }
    // On another replica too.
    let other = TestProvider::share(&op).await;
    expect::refused(&present(&other, &assertion).await, "invalid_client");
}

#[tokio::test]
async fn attack_23_of_an_assertion_presented_64_times_at_once_one_is_accepted() {
    let op = Arc::new(stage().await);
    let assertion = signed(&KEYS[0], &claims(&op));
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (op, assertion) = (Arc::clone(&op), assertion.clone());
            tokio::spawn(async move { present(&op, &assertion).await })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        let answer = task.await.expect("ends well");
        match answer.status {
            StatusCode::OK => accepted += 1,
            _ => expect::refused(&answer, "invalid_client"),
        }
    }
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn attack_23_no_one_uses_up_the_assertions_of_another_client() {
    let op = stage().await;
    add_client_named(&op, "another", json!({ "jwks": jwks(&[&KEYS[1]]) })).await;
    let of_another = |claims| {
        let named = with(claims, "iss", json!("another"));
        with(named, "sub", json!("another"))
    };
    let own = with(claims(&op), "jti", json!("the-same"));
    let answer = present(&op, &signed(&KEYS[1], &of_another(own.clone()))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // Nor does an assertion that is refused, whatever it says.
    expect::refused(
        &present(&op, &signed(&KEYS[1], &own)).await,
        "invalid_client",
    );
    let far = with(own.clone(), "exp", json!(op.provider.now() + 90_000));
    expect::refused(
        &present(&op, &signed(&KEYS[0], &far)).await,
        "invalid_client",
    );
    let answer = present(&op, &signed(&KEYS[0], &own)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_24_a_token_of_another_type_is_no_assertion() {
    let op = stage().await;
    let payload = claims(&op).to_string();
    for typ in ["oauth-authz-req+jwt", "at+jwt", "logout+jwt", "dpop+jwt"] {
        let token = KEYS[0].sign_jwt(typ, payload.as_bytes()).expect("signs");
        expect::refused(&present(&op, &token).await, "invalid_client");
    }
    // An assertion under the provider's own key is not the client's.
    let forger = Forger::of(&op, SignatureAlgorithm::ES256).await;
    let own = forger.sign("JWT", &claims(&op));
    expect::refused(&present(&op, &own).await, "invalid_client");
}

#[tokio::test]
async fn attack_27_an_assertion_without_a_signature_is_refused() {
    let op = stage().await;
    for alg in ["none", "None", "nOnE", "ES256", ""] {
        let header = json!({ "alg": alg, "kid": KEYS[0].kid() });
        for signature in [&b""[..], &[0; 64], b"x"] {
            let forged = Forger::unsigned(&header, &claims(&op), signature);
            expect::refused(&present(&op, &forged).await, "invalid_client");
        }
    }
}

#[tokio::test]
async fn attack_28_a_public_key_is_not_taken_for_a_shared_secret() {
    let op = stage().await;
    let jwk = KEYS[0].public_jwk().expect("asymmetric").to_public_json();
    let set = jwks(&[&KEYS[0]]).to_string();
    let header = json!({ "alg": "HS256", "kid": KEYS[0].kid() });
    for secret in [jwk.as_bytes(), set.as_bytes(), b""] {
        let forged = Forger::hs256(&header, &claims(&op), secret);
        expect::refused(&present(&op, &forged).await, "invalid_client");
    }
}

#[tokio::test]
async fn attack_29_keys_that_an_assertion_brings_along_are_not_looked_at() {
    let evil = KeyServer::start(&jwks(&[&KEYS[2]])).await;
    let op = TestProvider::start_with(options()).await;
    add_client(&op, json!({ "jwks": jwks(&[&KEYS[0]]) })).await;
    let foreign = jwks(&[&KEYS[2]])["keys"][0].clone();
    for header in [
        json!({ "jwk": foreign }),
        json!({ "jku": evil.uri, "kid": KEYS[2].kid() }),
        json!({ "jku": evil.uri, "kid": KEYS[0].kid() }),
        json!({ "x5u": evil.uri, "kid": KEYS[0].kid() }),
        json!({ "x5c": ["AA=="] }),
    ] {
        let members: Map<String, Value> = header.as_object().cloned().expect("an object");
        let payload = claims(&op).to_string();
        let forged = KEYS[2].sign_with_header(&members, payload.as_bytes());
        let answer = present(&op, &forged.expect("signs")).await;
        expect::refused(&answer, "invalid_client");
    }
    assert_eq!(evil.requests(), 0);
}

#[tokio::test]
async fn attack_30_any_kid_is_only_compared() {
    let op = stage().await;
    let long = "k".repeat(10_000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "\0", &long, ""] {
        let mut members = Map::new();
        members.insert("kid".to_owned(), json!(kid));
        let payload = claims(&op).to_string();
        let forged = KEYS[0].sign_with_header(&members, payload.as_bytes());
        let answer = present(&op, &forged.expect("signs")).await;
        expect::refused(&answer, "invalid_client");
    }
}

#[tokio::test]
async fn attack_31_odd_assertions_are_refused_quickly() {
    let op = stage().await;
    let deep = "[".repeat(10_000);
    let forge = |header: &str, payload: &str| {
        let (header, payload) = (base64url::encode(header), base64url::encode(payload));
        format!("{header}.{payload}.AAAA")
    };
    let ours = claims(&op).to_string();
    let twice = ours.replacen('{', r#"{"iss":"confidential","#, 1);
    for assertion in [
        forge(r#"{"alg":"ES256","crit":["x"],"x":1}"#, &ours),
        forge(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, &ours),
        forge(r#"{"alg":"ES256","alg":"none"}"#, &ours),
        forge(r#"{"alg":"PBES2-HS256+A128KW","p2c":2000000000}"#, &ours),
        forge(r#"{"alg":"ES256"}"#, &twice),
        forge(r#"{"alg":"ES256"}"#, &deep),
        forge(&deep, &ours),
        "a.b.c.d.e".to_owned(),
        "...".to_owned(),
        "x".repeat(8_000),
    ] {
        expect::refused(&present(&op, &assertion).await, "invalid_client");
    }
}
