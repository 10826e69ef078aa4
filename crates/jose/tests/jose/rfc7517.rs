//! RFC 7517: the printed sets, and what a key may look like.

use countersign_jose::alg::SignatureAlgorithm::{ES256, HS512, RS256, RS384};
use countersign_jose::jwk::{Jwk, JwkSet, KeyError, KeyType};
use countersign_jose::key::{SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::jwk;
use crate::printed::{P256_KEY, PRIVATE_SET, PUBLIC_SET, SYMMETRIC_SET, THUMBPRINT_KEY};

#[test]
fn a_1_two_public_keys() {
    let set = JwkSet::from_json(PUBLIC_SET.as_bytes()).unwrap();
    let keys: Vec<&Jwk> = set.iter().collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(
        (keys[0].key_type(), keys[0].kid()),
        (KeyType::Ec, Some("1"))
    );
    assert_eq!(keys[0].key_use(), Some("enc"));
    assert_eq!(
        (keys[1].key_type(), keys[1].alg()),
        (KeyType::Rsa, Some("RS256"))
    );
    assert!(keys.iter().all(|key| !key.is_private()));
    assert_eq!(serde_json::to_value(&set).unwrap(), value(PUBLIC_SET));
    assert_eq!(serde_json::from_str::<JwkSet>(PUBLIC_SET).unwrap(), set);
}

#[test]
fn a_2_two_private_keys_are_published_without_their_private_members() {
    let set = JwkSet::from_json(PRIVATE_SET.as_bytes()).unwrap();
    assert!(set.iter().all(Jwk::is_private));
    assert_eq!(serde_json::to_value(&set).unwrap(), value(PUBLIC_SET));
    let public: JwkSet = set.iter().filter_map(Jwk::public).collect();
    assert_eq!(public, JwkSet::from_json(PUBLIC_SET.as_bytes()).unwrap());
    assert_ne!(public, set);
    let rsa = set.iter().nth(1).unwrap();
    assert!(SigningKey::from_jwk(rsa, RS256).is_ok());
}

#[test]
fn a_3_two_shared_secrets_are_never_published() {
    let set = JwkSet::from_json(SYMMETRIC_SET.as_bytes()).unwrap();
    assert_eq!(set.len(), 2);
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"{"keys":[]}"#);
    for key in set.iter() {
        assert!(key.public().is_none());
        assert!(serde_json::to_value(key).unwrap().get("k").is_none());
    }
    let mac = set.iter().nth(1).unwrap();
    assert!(VerifyingKey::from_jwk(mac, HS512).is_ok());
    let wrap = set.iter().next().unwrap();
    assert_eq!(
        VerifyingKey::from_jwk(wrap, HS512).unwrap_err(),
        KeyError::AlgorithmMismatch(HS512)
    );
}

#[test]
fn unknown_members_are_ignored_and_not_kept() {
    let mut members = value(P256_KEY);
    members["x5u"] = json!("https://attacker.example/key");
    members["x5c"] = json!(["not a certificate"]);
    members["extension"] = json!({"a": [1]});
    let key = Jwk::from_json(members.to_string().as_bytes()).unwrap();
    assert_eq!(key, jwk(P256_KEY));
    assert!(!key.to_private_json().contains("x5"));
}

/// Section 4: "The member names within a JWK MUST be unique".
#[test]
fn a_member_that_occurs_twice_is_refused() {
    let twice = P256_KEY.replacen("{", r#"{"kty":"EC","#, 1);
    assert!(matches!(
        Jwk::from_json(twice.as_bytes()),
        Err(KeyError::Json(_))
    ));
    assert!(serde_json::from_str::<Jwk>(&twice).is_err());
}

#[test]
fn members_of_the_wrong_shape_are_refused() {
    let coordinate = "A".repeat(42);
    for (change, error) in [
        (json!({"kty": null}), KeyError::MissingMember("kty")),
        (json!({"kty": 1}), KeyError::InvalidMember("kty")),
        (json!({"kty": "ec"}), KeyError::UnsupportedKeyType),
        (json!({"kty": "AKP"}), KeyError::UnsupportedKeyType),
        (json!({"crv": "P-224"}), KeyError::UnsupportedCurve),
        (json!({"crv": "Ed25519"}), KeyError::UnsupportedCurve),
        (json!({"crv": 256}), KeyError::InvalidMember("crv")),
        (json!({"x": 5}), KeyError::InvalidMember("x")),
        (json!({"x": ""}), KeyError::InvalidMember("x")),
        // RFC 7518, section 6.2.1.2: the full size of a coordinate, so no leading zero may be
        // dropped or added
        (json!({"x": coordinate}), KeyError::InvalidMember("x")),
        (
            json!({"x": format!("AA{coordinate}")}),
            KeyError::InvalidMember("x"),
        ),
        (json!({"crv": "P-384"}), KeyError::InvalidMember("x")),
        (json!({"crv": "secp256k1"}), KeyError::NotOnCurve),
        (
            json!({"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"}),
            KeyError::InvalidMember("y"),
        ),
        (
            json!({"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"}),
            KeyError::NotOnCurve,
        ),
        (
            json!({"x": "A".repeat(43), "y": "A".repeat(43)}),
            KeyError::NotOnCurve,
        ),
        (json!({"kid": "k".repeat(257)}), KeyError::KidTooLong),
        (json!({"kid": 1}), KeyError::InvalidMember("kid")),
        (json!({"use": ["sig"]}), KeyError::InvalidMember("use")),
        (
            json!({"key_ops": "verify"}),
            KeyError::InvalidMember("key_ops"),
        ),
        (
            json!({"key_ops": ["verify", "verify"]}),
            KeyError::InvalidMember("key_ops"),
        ),
        (json!({"d": "AA"}), KeyError::InvalidMember("d")),
    ] {
        let key = changed(P256_KEY, &change);
        assert_eq!(
            Jwk::from_json(key.as_bytes()).unwrap_err(),
            error,
            "{change}"
        );
    }
    for missing in ["kty", "crv", "x", "y"] {
        let mut key = value(P256_KEY);
        key.as_object_mut().unwrap().remove(missing);
        let error = Jwk::from_json(key.to_string().as_bytes()).unwrap_err();
        assert_eq!(error, KeyError::MissingMember(missing));
    }
}

#[test]
fn rsa_members_of_the_wrong_shape_are_refused() {
    for (change, error) in [
        (json!({"e": "AQ"}), KeyError::InvalidMember("e")),
        (json!({"e": "Ag"}), KeyError::InvalidMember("e")),
        (json!({"e": "AAEAAQ"}), KeyError::InvalidMember("e")), // not the fewest octets
        (json!({"e": ""}), KeyError::InvalidMember("e")),
        (
            json!({"n": "AQAB"}),
            KeyError::RsaModulusTooSmall { bits: 17 },
        ),
        (json!({"d": "AQAB"}), KeyError::MissingMember("p")),
        (json!({"oth": []}), KeyError::InvalidMember("oth")),
    ] {
        let key = changed(THUMBPRINT_KEY, &change);
        assert_eq!(
            Jwk::from_json(key.as_bytes()).unwrap_err(),
            error,
            "{change}"
        );
    }
}

/// Sections 4.2 to 4.4.
#[test]
fn use_key_ops_and_alg_bind() {
    for (change, alg, error) in [
        (json!({"use": "enc"}), ES256, Some(KeyError::WrongUse)),
        (json!({"use": "tls"}), ES256, Some(KeyError::WrongUse)),
        (json!({"use": "sig"}), ES256, None),
        (
            json!({"key_ops": ["deriveBits"]}),
            ES256,
            Some(KeyError::WrongUse),
        ),
        (json!({"key_ops": []}), ES256, Some(KeyError::WrongUse)),
        (json!({"key_ops": ["sign"]}), ES256, None),
        (json!({"key_ops": ["verify", "sign"]}), ES256, None),
        (
            json!({"alg": "ES384"}),
            ES256,
            Some(KeyError::AlgorithmMismatch(ES256)),
        ),
        (
            json!({"alg": "ECDH-ES"}),
            ES256,
            Some(KeyError::AlgorithmMismatch(ES256)),
        ),
        (json!({"alg": "ES256"}), ES256, None),
        (json!({}), RS256, Some(KeyError::AlgorithmMismatch(RS256))),
    ] {
        let key = jwk(&changed(P256_KEY, &change));
        assert_eq!(VerifyingKey::from_jwk(&key, alg).err(), error, "{change}");
        assert_eq!(SigningKey::from_jwk(&key, alg).err(), error, "{change}");
    }
    let verify_only = jwk(&changed(P256_KEY, &json!({"key_ops": ["verify"]})));
    assert!(VerifyingKey::from_jwk(&verify_only, ES256).is_ok());
    assert_eq!(
        SigningKey::from_jwk(&verify_only, ES256).err(),
        Some(KeyError::WrongUse)
    );
    let rsa = jwk(THUMBPRINT_KEY);
    assert_eq!(rsa.alg(), Some("RS256"));
    assert!(VerifyingKey::from_jwk(&rsa, RS256).is_ok());
    assert!(VerifyingKey::from_jwk(&rsa, RS384).is_err());
}

#[test]
fn a_key_prints_nothing_of_itself() {
    for json in [PRIVATE_SET, SYMMETRIC_SET] {
        let set = JwkSet::from_json(json.as_bytes()).unwrap();
        let printed = format!("{set:?}");
        for secret in [
            "870MB6gfuTJ4",
            "X4cTteJY_gn4",
            "AyM1SysPpbyD",
            "243, 189, 12",
        ] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("kid"));
    }
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn changed(json: &str, change: &Value) -> String {
    let mut members = value(json);
    for (name, new) in change.as_object().unwrap() {
        members[name] = new.clone();
    }
    members.to_string()
}
