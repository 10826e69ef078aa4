//! Attack cases 27 to 32 against the token layer: published ways to make a verifier accept a forged
//! token.

use std::time::{Duration, Instant};

use countersign_jose::alg::SignatureAlgorithm::{self, ES256, ES256K, ES384, ES512, HS256, RS256};
use countersign_jose::base64url;
use countersign_jose::json::JsonError;
use countersign_jose::jwk::{Jwk, KeyError};
use countersign_jose::jws::{CompactJws, DEFAULT_MAX_BYTES, JwsError};
use countersign_jose::jwt::{self, Expectation, JwtError};
use countersign_jose::key::{SigningKey, VerifyingKey};
use serde_json::{Map, Value, json};

use crate::pem::{P256_SPKI, RSA_PUBLIC_PKCS1, RSA_SPKI};
use crate::printed::{ES256_TOKEN, P256_KEY, RS256_TOKEN, RSA_KEY};
use crate::{jwk, signing, verify, verifying};

fn token(header: &str, payload: &str, signature: &[u8]) -> String {
    format!(
        "{}.{}.{}",
        base64url::encode(header),
        base64url::encode(payload),
        base64url::encode(signature)
    )
}

#[test]
fn attack_27_none_in_every_spelling_is_refused() {
    for bits in 0..16_u8 {
        let name: String = "none"
            .chars()
            .enumerate()
            .map(|(at, c)| {
                if bits >> at & 1 == 1 {
                    c.to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect();
        let header = format!(r#"{{"alg":"{name}"}}"#);
        for signature in [&b""[..], b"signature"] {
            let forged = token(&header, r#"{"sub":"admin"}"#, signature);
            let error = CompactJws::decode(&forged).unwrap_err();
            assert_eq!(error, JwsError::AlgorithmNone, "{name}");
        }
    }
}

#[test]
fn attack_27_an_empty_signature_is_refused_for_every_algorithm() {
    for alg in SignatureAlgorithm::ALL {
        let forged = token(&format!(r#"{{"alg":"{alg}"}}"#), "{}", b"");
        let error = CompactJws::decode(&forged).unwrap_err();
        assert_eq!(error, JwsError::EmptySignature, "{alg}");
    }
    assert!(!verifying(P256_KEY, ES256).verifies(b"", b""));
    assert!(!verifying(RSA_KEY, RS256).verifies(b"", b""));
}

#[test]
fn attack_28_a_public_key_is_no_mac_key_in_any_form() {
    let jwk_json = jwk(RSA_KEY).to_public_json();
    let der = |pem: &str| {
        use base64::Engine as _;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD
            .decode(body)
            .unwrap()
    };
    for public in [
        RSA_SPKI.as_bytes().to_vec(),
        RSA_SPKI.trim_end().as_bytes().to_vec(),
        RSA_PUBLIC_PKCS1.as_bytes().to_vec(),
        P256_SPKI.as_bytes().to_vec(),
        der(RSA_SPKI),
        der(RSA_PUBLIC_PKCS1),
        der(P256_SPKI),
        jwk_json.into_bytes(),
    ] {
        let refused = Some(KeyError::SecretIsPublicKey);
        assert_eq!(VerifyingKey::hmac(HS256, &public).err(), refused);
        assert_eq!(SigningKey::hmac(HS256, &public).err(), refused);
        let oct = json!({"kty": "oct", "k": base64url::encode(&public)}).to_string();
        assert_eq!(VerifyingKey::from_jwk(&jwk(&oct), HS256).err(), refused);
    }
}

#[test]
fn attack_28_a_key_verifies_its_one_algorithm_only() {
    let rsa = jwk(RSA_KEY);
    for alg in SignatureAlgorithm::ALL
        .into_iter()
        .filter(|alg| !alg.is_rsa())
    {
        let refused = Some(KeyError::AlgorithmMismatch(alg));
        assert_eq!(VerifyingKey::from_jwk(&rsa, alg).err(), refused);
    }
    // The same RSA key bound to RS256 refuses what it would verify as another RSA algorithm.
    let key = verifying(RSA_KEY, RS256);
    for alg in SignatureAlgorithm::ALL
        .into_iter()
        .filter(|alg| *alg != RS256)
    {
        let forged = if alg.is_rsa() {
            signing(RSA_KEY, alg).sign_jwt("JWT", b"{}").unwrap()
        } else {
            token(&format!(r#"{{"alg":"{alg}"}}"#), "{}", &[1; 64])
        };
        let wrong = JwsError::WrongAlgorithm {
            token: alg,
            key: RS256,
        };
        assert_eq!(verify(&forged, &key).unwrap_err(), wrong);
    }
}

#[test]
fn attack_29_a_key_in_the_header_changes_nothing() {
    let attacker = SigningKey::generate(ES256).unwrap();
    let public = serde_json::to_value(attacker.public_jwk().unwrap()).unwrap();
    let mut header = Map::new();
    header.insert("jwk".into(), public);
    header.insert("jku".into(), json!("https://attacker.example/jwks"));
    header.insert("x5u".into(), json!("http://169.254.169.254/"));
    header.insert("x5c".into(), json!(["MIIB"]));
    header.insert("x5t#S256".into(), json!("AAAA"));
    let forged = attacker.sign_with_header(&header, b"{}").unwrap();
    let key = verifying(P256_KEY, ES256);
    assert_eq!(verify(&forged, &key).unwrap_err(), JwsError::BadSignature);
    // Ignored, not refused: with the right key such a token is as good as any.
    let honest = signing(P256_KEY, ES256)
        .sign_with_header(&header, b"{}")
        .unwrap();
    assert!(verify(&honest, &key).is_ok());
}

#[test]
fn attack_30_a_kid_is_a_short_string_and_nothing_more() {
    for kid in [
        "../../../../dev/null",
        "' OR 1=1 --",
        "http://attacker.example",
        "\u{0}",
        "",
    ] {
        let header = json!({"alg": "ES256", "kid": kid}).to_string();
        let jws = token(&header, "{}", &[1; 64]);
        assert_eq!(CompactJws::decode(&jws).unwrap().header().kid(), Some(kid));
    }
    for kid in [json!("k".repeat(257)), json!("k".repeat(10_240))] {
        let jws = token(
            &json!({"alg": "ES256", "kid": kid}).to_string(),
            "{}",
            &[1; 64],
        );
        assert_eq!(CompactJws::decode(&jws).unwrap_err(), JwsError::KidTooLong);
    }
    for kid in [json!(1), json!(null), json!(["a"]), json!({"$ne": null})] {
        let jws = token(
            &json!({"alg": "ES256", "kid": kid}).to_string(),
            "{}",
            &[1; 64],
        );
        assert_eq!(
            CompactJws::decode(&jws).unwrap_err(),
            JwsError::InvalidHeader("kid")
        );
    }
}

#[test]
fn attack_31_crit_and_b64_are_refused() {
    for (header, error) in [
        (
            r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
            JwsError::CriticalExtension,
        ),
        (
            r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
            JwsError::CriticalExtension,
        ),
        (
            r#"{"alg":"ES256","crit":["alg"]}"#,
            JwsError::CriticalExtension,
        ),
        (r#"{"alg":"ES256","crit":[]}"#, JwsError::CriticalExtension),
        (
            r#"{"alg":"ES256","crit":null}"#,
            JwsError::CriticalExtension,
        ),
        (r#"{"alg":"ES256","b64":false}"#, JwsError::UnencodedPayload),
    ] {
        let jws = token(header, "{}", &[1; 64]);
        assert_eq!(CompactJws::decode(&jws).unwrap_err(), error, "{header}");
    }
}

#[test]
fn attack_31_duplicate_names_are_refused_in_header_and_claims() {
    let duplicate = JsonError::DuplicateMember;
    let jws = token(r#"{"alg":"ES256","alg":"HS256"}"#, "{}", &[1; 64]);
    assert_eq!(
        CompactJws::decode(&jws).unwrap_err(),
        JwsError::HeaderJson(duplicate.clone())
    );
    let key = signing(P256_KEY, ES256);
    for claims in [
        r#"{"sub":"alice","sub":"admin"}"#,
        r#"{"sub":"alice","\u0073ub":"admin"}"#,
        r#"{"sub":"alice","address":{"country":"DE","country":"FR"}}"#,
    ] {
        let jws = key.sign_jwt("JWT", claims.as_bytes()).unwrap();
        let result = claims_of(&jws, key.verifying_key());
        assert_eq!(
            result,
            Err(JwtError::ClaimsJson(duplicate.clone())),
            "{claims}"
        );
    }
}

#[test]
fn attack_31_size_and_depth_are_bounded_and_refusing_is_quick() {
    let start = Instant::now();
    let huge = format!("{ES256_TOKEN}{}", "A".repeat(10_000_000));
    assert_eq!(
        CompactJws::decode(&huge).unwrap_err(),
        JwsError::TooLarge {
            bytes: huge.len(),
            limit: DEFAULT_MAX_BYTES
        }
    );
    assert!(CompactJws::decode_within(ES256_TOKEN, ES256_TOKEN.len()).is_ok());
    assert!(CompactJws::decode_within(ES256_TOKEN, ES256_TOKEN.len() - 1).is_err());

    let deep = format!(
        r#"{{"alg":"ES256","a":{}1{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let jws = token(&deep, "{}", &[1; 64]);
    assert_eq!(
        CompactJws::decode(&jws).unwrap_err(),
        JwsError::HeaderJson(JsonError::TooDeep)
    );
    let key = signing(P256_KEY, ES256);
    let jws = key.sign_jwt("JWT", deep.as_bytes()).unwrap();
    assert_eq!(
        claims_of(&jws, key.verifying_key()),
        Err(JwtError::ClaimsJson(JsonError::TooDeep))
    );
    // A header that would be expensive if it were honoured: nothing is derived, nothing is
    // inflated.
    let jws = token(
        r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483647,"zip":"DEF"}"#,
        "{}",
        &[1; 64],
    );
    assert_eq!(
        CompactJws::decode(&jws).unwrap_err(),
        JwsError::UnsupportedAlgorithm
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn attack_32_ecdsa_signatures_of_zeros_and_of_the_group_order_are_refused() {
    let order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"; // of P-256
    let order = base64url::decode(order).unwrap();
    let (zero, one) = ([0; 32], {
        let mut one = [0; 32];
        one[31] = 1;
        one
    });
    let key = verifying(P256_KEY, ES256);
    for r in [&zero[..], &one, &order] {
        for s in [&zero[..], &one, &order] {
            assert!(!key.verifies(b"message", &[r, s].concat()));
        }
    }
    for (alg, length) in [(ES384, 96), (ES512, 132), (ES256K, 64)] {
        let key = SigningKey::generate(alg).unwrap();
        assert!(
            !key.verifying_key().verifies(b"message", &vec![0; length]),
            "{alg}"
        );
    }
}

#[test]
fn attack_32_an_ecdsa_signature_has_its_one_length() {
    let (input, signature) = ES256_TOKEN.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let key = verifying(P256_KEY, ES256);
    assert!(key.verifies(input.as_bytes(), &signature));
    let (r, s) = signature.split_at(32);
    for wrong in [
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
        [&[0], r, &[0], s].concat(), // each number one octet longer
        [&[0x30, 68, 2, 32], r, &[2, 32], s].concat(), // DER
        [s, r].concat(),
    ] {
        assert!(!key.verifies(input.as_bytes(), &wrong), "{wrong:?}");
    }
}

#[test]
fn attack_32_a_point_off_the_curve_makes_no_key() {
    let off = P256_KEY.replace(
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw",
    );
    assert_ne!(off, P256_KEY);
    assert_eq!(
        Jwk::from_json(off.as_bytes()).unwrap_err(),
        KeyError::NotOnCurve
    );
}

#[test]
fn a_short_signature_of_the_right_rsa_key_is_refused() {
    let (input, signature) = RS256_TOKEN.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let key = verifying(RSA_KEY, RS256);
    assert!(key.verifies(input.as_bytes(), &signature));
    assert!(!key.verifies(input.as_bytes(), &signature[..255]));
    assert!(!key.verifies(input.as_bytes(), &[&[0], &signature[..]].concat()));
}

fn claims_of(token: &str, key: &VerifyingKey) -> Result<Map<String, Value>, JwtError> {
    jwt::verify(token, key, &Expectation::typed("JWT"), 0).map(jwt::VerifiedJwt::into_claims)
}
