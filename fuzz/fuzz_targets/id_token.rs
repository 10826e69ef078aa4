//! ID tokens and hints: as they arrive, under keys that the fuzzer does not know; and claims that a
//! provider signed.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::{ES256, EdDSA, HS256};
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use countersign_oauth::id_token::{
    IdTokenExpectation, NonceRule, verify_id_token, verify_id_token_hint,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const ISSUER: &str = "https://op.example";
const NOW: i64 = 1_800_000_000;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(EdDSA).expect("a key is made"));
static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    let public = |key: &SigningKey| key.public_jwk().expect("asymmetric").clone();
    let other = SigningKey::generate(ES256).expect("a key is made");
    [public(&KEY), public(&other)].into_iter().collect()
});

fuzz_target!(|input: &str| {
    let expectation = IdTokenExpectation {
        algorithms: &[ES256, EdDSA, HS256],
        client_secret: Some(&[7; 64]),
        trusted_audiences: &["https://api.example"],
        nonce: NonceRule::Sent("n"),
        max_age_seconds: Some(60),
        leeway_seconds: 5,
        ..IdTokenExpectation::new(ISSUER, "client")
    };
    let read = |token: &str| verify_id_token(token, &*KEYS, &expectation, NOW);
    let hint = |token: &str| verify_id_token_hint(token, &*KEYS, &[ES256, EdDSA], ISSUER);
    assert!(read(input).is_err(), "a forgery");
    assert!(hint(input).is_err(), "a forgery");

    let ours = KEY.sign_jwt("JWT", input.as_bytes()).expect("signs");
    // Another kind of token of the same keys is neither.
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt"] {
        let other = KEY.sign_jwt(typ, input.as_bytes()).expect("signs");
        assert!(read(&other).is_err() && hint(&other).is_err(), "{typ}");
    }
    if let Ok(verified) = read(&ours) {
        let claims = verified.claims();
        assert_eq!(claims.iss, ISSUER);
        assert!(claims.aud.contains("client"));
        assert!(claims.aud.len() == 1 || claims.azp.as_deref() == Some("client"));
        assert_eq!(claims.nonce.as_deref(), Some("n"));
        assert!(claims.exp > NOW - 5 && claims.iat <= NOW + 5);
        assert!(
            claims
                .auth_time
                .is_some_and(|time| time >= NOW - 65 && time <= NOW + 5)
        );
        assert!(!claims.sub.is_empty() && claims.sub.is_ascii());
        // What is a good ID token is a good hint.
        let hint = hint(&ours).expect("a hint");
        assert_eq!(hint.subject(), claims.sub);
        assert!(hint.is_for("client"));
    }
    if let Ok(hint) = hint(&ours) {
        let theirs: Map<String, Value> =
            serde_json::from_str(input.trim_start_matches('\u{feff}')).expect("it was read");
        assert_eq!(theirs["iss"], ISSUER);
        assert_eq!(theirs["sub"], hint.subject());
        assert!(!theirs.contains_key("events"), "a logout token");
        if let Some(client_id) = hint.client_id() {
            assert!(hint.is_for(client_id));
        }
    }
});
