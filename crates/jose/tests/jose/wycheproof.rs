//! Wycheproof's JSON Web Signature, Key and Crypto vectors. Encryption (JWE) is not implemented, so
//! its groups are counted and left out.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{Jwk, JwkSet};
use countersign_jose::jws::CompactJws;
use countersign_jose::key::VerifyingKey;
use serde_json::Value;

use crate::vectors::{file, text};
use crate::verify;

/// Vectors whose stated result contradicts the RFCs or another vector of the same file, with the
/// reason. We refuse the first two kinds and accept the third.
const CONTRADICTIONS: [(u64, Contradiction); 8] = [
    // Byte for byte the token of the valid vector 357.
    (367, Contradiction::SameAsAValidVector),
    (370, Contradiction::SameAsAValidVector),
    // `?` within a part that must be base64url (RFC 7515, section 5.2, steps 2 and 5), yet "valid".
    (372, Contradiction::NotBase64Url),
    (373, Contradiction::NotBase64Url),
    // RFC 7520 figures 20 and 27: the key says PS256 and the token PS384; the key says ES521, which
    // no registry holds, and the token ES512. A key's alg binds (RFC 8725, section 3.1). Without
    // the wrong alg they must verify.
    (346, Contradiction::KeyNamesAnotherAlg),
    (347, Contradiction::KeyNamesAnotherAlg),
    (350, Contradiction::KeyNamesAnotherAlg),
    (351, Contradiction::KeyNamesAnotherAlg),
];

#[derive(Clone, Copy, PartialEq)]
enum Contradiction {
    SameAsAValidVector,
    NotBase64Url,
    KeyNamesAnotherAlg,
}

#[test]
fn json_web_signature_vectors_hold() {
    let Some(vectors) = file("wycheproof/json_web_signature_test.json") else {
        return;
    };
    let counts = run(&vectors, &CONTRADICTIONS);
    assert_eq!(
        (counts.valid, counts.invalid, counts.encrypted),
        (46, 355, 0)
    );
}

#[test]
fn json_web_key_vectors_hold() {
    let Some(vectors) = file("wycheproof/json_web_key_test.json") else {
        return;
    };
    let counts = run(&vectors, &[]);
    assert_eq!((counts.valid, counts.invalid, counts.encrypted), (5, 21, 0));
}

#[test]
fn json_web_crypto_vectors_hold() {
    let Some(vectors) = file("wycheproof/json_web_crypto_test.json") else {
        return;
    };
    let counts = run(&vectors, &[]);
    assert_eq!(
        (counts.valid, counts.invalid, counts.encrypted),
        (4, 45, 34)
    );
}

#[derive(Default)]
struct Counts {
    valid: usize,
    invalid: usize,
    encrypted: usize,
}

fn run(vectors: &Value, contradictions: &[(u64, Contradiction)]) -> Counts {
    let mut counts = Counts::default();
    for group in vectors["testGroups"].as_array().unwrap() {
        let key = group.get("public").unwrap_or(&group["private"]);
        for test in group["tests"].as_array().unwrap() {
            let Some(token) = test.get("jws") else {
                counts.encrypted += 1;
                continue;
            };
            // The JSON serialisation comes as an object: as a text it must be refused too.
            let token = token
                .as_str()
                .map_or_else(|| token.to_string(), str::to_owned);
            let id = test["tcId"].as_u64().unwrap();
            let name = format!(
                "{id} {} {}",
                text(group, "/comment"),
                text(test, "/comment")
            );
            let valid = match text(test, "/result") {
                "valid" => true,
                "invalid" => false,
                other => panic!("{name}: unknown result {other}"),
            };
            *(if valid {
                &mut counts.valid
            } else {
                &mut counts.invalid
            }) += 1;
            let contradiction = contradictions.iter().find(|(at, _)| *at == id);
            let expected = match contradiction {
                None => valid,
                Some((_, Contradiction::SameAsAValidVector)) => true,
                Some((_, Contradiction::NotBase64Url)) => false,
                Some((_, Contradiction::KeyNamesAnotherAlg)) => {
                    let mut corrected = key.clone();
                    corrected.as_object_mut().unwrap().remove("alg");
                    assert!(accepts(&corrected, &token), "{name}, without the key's alg");
                    false
                }
            };
            assert_eq!(accepts(key, &token), expected, "{name}");
        }
    }
    counts
}

/// Whether a verifier that holds this key or set, and knows nothing else, accepts the token.
fn accepts(key: &Value, token: &str) -> bool {
    let Ok(jws) = CompactJws::decode(token) else {
        return false;
    };
    let key = if key.get("keys").is_some() {
        select(key, &jws)
    } else {
        single(key, &jws)
    };
    key.is_some_and(|key| verify(token, &key).is_ok())
}

fn select(set: &Value, jws: &CompactJws<'_>) -> Option<VerifyingKey> {
    let set = JwkSet::from_json(set.to_string().as_bytes()).ok()?;
    set.select(jws.header().kid(), jws.header().alg()).ok()
}

/// A verifier expects the algorithm that its key names; only a key that names none leaves the
/// choice to the token.
fn single(key: &Value, jws: &CompactJws<'_>) -> Option<VerifyingKey> {
    let jwk = Jwk::from_json(key.to_string().as_bytes()).ok()?;
    let alg: SignatureAlgorithm = match jwk.alg() {
        Some(name) => name.parse().ok()?,
        None => jws.header().alg(),
    };
    VerifyingKey::from_jwk(&jwk, alg).ok()
}
