//! Which key of a set a token means.

use countersign_jose::alg::SignatureAlgorithm::{ES256, EdDSA, RS256, RS384};
use countersign_jose::jwk::{Jwk, JwkSet, KeyError, NoSuitableKey};
use countersign_jose::key::SigningKey;
use serde_json::{Value, json};

use crate::printed::{ED25519_KEY, HMAC_KEY, P256_KEY, RSA_KEY};
use crate::{jwk, verify};

fn set(keys: &[Jwk]) -> JwkSet {
    keys.iter().filter_map(Jwk::public).collect()
}

#[test]
fn the_kid_selects_and_the_algorithm_must_suit() {
    let keys = set(&[
        jwk(P256_KEY).with_kid("one"),
        jwk(RSA_KEY).with_kid("two"),
        jwk(ED25519_KEY).with_kid("three").with_use("enc"),
    ]);
    let selected = keys.select(Some("two"), RS256).unwrap();
    assert_eq!((selected.kid(), selected.alg()), (Some("two"), RS256));
    assert_eq!(keys.select(Some("two"), RS384).unwrap().alg(), RS384);
    for (kid, alg) in [
        ("one", RS256),
        ("four", RS256),
        ("", RS256),
        ("three", EdDSA),
    ] {
        let result = keys.select(Some(kid), alg);
        assert_eq!(result.err(), Some(NoSuitableKey::None), "{kid}");
    }
}

#[test]
fn a_member_that_is_null_counts_as_absent() {
    // RFC 7517, sections 4 and 5: an optional member says nothing when it is left out, and null
    // says nothing either.
    for key in [P256_KEY, RSA_KEY, ED25519_KEY] {
        let plain = jwk(key);
        let mut members: Value = serde_json::from_str(&plain.to_public_json()).unwrap();
        for name in [
            "use", "key_ops", "alg", "kid", "x5c", "x5t", "x5u", "d", "oth", "ext",
        ] {
            members[name] = Value::Null;
        }
        let expected = members.as_object().unwrap();
        let expected: Value = expected
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let read = Jwk::from_json(members.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), expected);
        let set = json!({ "keys": [members] }).to_string();
        assert_eq!(JwkSet::from_json(set.as_bytes()).unwrap().len(), 1, "{set}");
        assert_eq!(serde_json::from_str::<JwkSet>(&set).unwrap().len(), 1);
    }
    // A required member that is null is missing.
    let mut members: Value = serde_json::from_str(P256_KEY).unwrap();
    members["x"] = Value::Null;
    assert_eq!(
        Jwk::from_json(members.to_string().as_bytes()),
        Err(KeyError::MissingMember("x"))
    );
    let set = json!({ "keys": [members] }).to_string();
    assert!(JwkSet::from_json(set.as_bytes()).unwrap().is_empty());
}

#[test]
fn a_set_with_a_byte_order_mark_is_read() {
    let set = json!({ "keys": [jwk(P256_KEY)] });
    let text = format!("\u{feff}{set}");
    assert_eq!(JwkSet::from_json(text.as_bytes()).unwrap().len(), 1);
}

#[test]
fn without_a_kid_one_key_must_be_left() {
    let keys = set(&[jwk(P256_KEY).with_kid("one"), jwk(RSA_KEY)]);
    assert_eq!(keys.select(None, ES256).unwrap().kid(), Some("one"));
    assert!(keys.select(None, RS256).is_ok());
    let other = SigningKey::generate(ES256).unwrap();
    let keys = set(&[jwk(P256_KEY), other.public_jwk().unwrap().clone()]);
    assert_eq!(
        keys.select(None, ES256).err(),
        Some(NoSuitableKey::Ambiguous)
    );
    let key = keys.select(other.kid(), ES256).unwrap();
    assert!(verify(&other.sign_jwt("JWT", b"{}").unwrap(), &key).is_ok());
}

#[test]
fn one_kid_for_two_suitable_keys_is_ambiguous() {
    let other = SigningKey::generate(ES256).unwrap();
    let keys = set(&[
        jwk(P256_KEY).with_kid("one"),
        other.public_jwk().unwrap().clone().with_kid("one"),
        jwk(RSA_KEY).with_kid("one"),
    ]);
    assert_eq!(
        keys.select(Some("one"), ES256).err(),
        Some(NoSuitableKey::Ambiguous)
    );
    assert!(keys.select(Some("one"), RS256).is_ok());
}

/// RFC 7517, section 5.
#[test]
fn keys_that_are_not_understood_are_left_out() {
    let p256: serde_json::Value = serde_json::from_str(P256_KEY).unwrap();
    let json = json!({
        "keys": [
            {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
            {"kty": "EC", "crv": "P-256", "x": "AAAA"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
            {"kid": "no type"},
            p256,
        ],
        "extension": true
    });
    let keys = JwkSet::from_json(json.to_string().as_bytes()).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(!keys.is_empty());
    assert!(keys.select(None, ES256).is_ok());
}

/// A set that names two keys alike is ambiguous even if one of them is unusable; of another type it
/// is an equivalent alternative (RFC 7517, section 4.5).
#[test]
fn a_key_that_was_left_out_still_makes_its_kid_ambiguous() {
    let mut key: serde_json::Value = serde_json::from_str(P256_KEY).unwrap();
    key["kid"] = json!("one");
    for (left_out, outcome) in [
        (
            json!({"kty": "EC", "kid": "one"}),
            Some(NoSuitableKey::Ambiguous),
        ),
        (json!({"kty": "EC", "kid": "two"}), None),
        (json!({"kty": "AKP", "kid": "one"}), None),
    ] {
        let json = json!({"keys": [key, left_out]}).to_string();
        let keys = JwkSet::from_json(json.as_bytes()).unwrap();
        assert_eq!(keys.select(Some("one"), ES256).err(), outcome, "{json}");
    }
}

#[test]
fn what_is_no_set_is_refused() {
    let key: serde_json::Value = serde_json::from_str(P256_KEY).unwrap();
    let secret: serde_json::Value = serde_json::from_str(HMAC_KEY).unwrap();
    for (json, error) in [
        (json!({}), KeyError::InvalidMember("keys")),
        (json!({"keys": {}}), KeyError::InvalidMember("keys")),
        (json!({"keys": [1]}), KeyError::InvalidMember("keys")),
        (json!({"keys": [key, secret]}), KeyError::MixedSet),
        (
            json!({"keys": vec![key.clone(); 257]}),
            KeyError::TooManyKeys,
        ),
    ] {
        let error = Some(error);
        assert_eq!(
            JwkSet::from_json(json.to_string().as_bytes()).err(),
            error,
            "{json}"
        );
    }
    assert!(JwkSet::from_json(br#"{"keys":[]}"#).unwrap().is_empty());
    assert!(matches!(
        JwkSet::from_json(br#"{"keys":[],"keys":[]}"#),
        Err(KeyError::Json(_))
    ));
}
