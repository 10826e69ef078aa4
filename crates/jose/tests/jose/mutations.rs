//! Bounded mutation of valid tokens and keys, on stable and in every test run: never a panic, never
//! an altered token accepted. `fuzz/` does the same without bounds.

use countersign_jose::alg::SignatureAlgorithm::{self, ES256};
use countersign_jose::base64url;
use countersign_jose::jwk::{Jwk, JwkSet};
use countersign_jose::jws::CompactJws;
use countersign_jose::jwt::{self, Expectation};
use countersign_jose::key::{SigningKey, VerifyingKey};
use countersign_jose::random::{Random, SeededRandom};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::keys::one_of_each;
use crate::printed::{
    ED25519_KEY, ES256_TOKEN, HMAC_KEY, HS256_TOKEN, P256_KEY, P521_KEY, PRIVATE_SET, PUBLIC_SET,
    RS256_TOKEN, RSA_KEY,
};
use crate::{pem, signing, verify};

const CLAIMS: &[u8] = br#"{"iss":"https://op.example","sub":"alice","aud":"api","exp":2000000000}"#;

/// Everything that may be asked of a token, so that a panic anywhere shows.
fn accepted(token: &str, key: &VerifyingKey) -> bool {
    let expectation = Expectation::typ_absent_or("JWT")
        .issuer("https://op.example")
        .audience("api");
    let jwt = jwt::verify::<Map<String, Value>>(token, key, &expectation, 1_000_000_000).is_ok();
    let jws = verify(token, key).is_ok();
    assert!(jws || !jwt);
    jws
}

#[test]
fn no_single_altered_character_of_a_token_is_accepted() {
    for key in one_of_each() {
        let token = key.sign_jwt("JWT", CLAIMS).unwrap();
        assert!(accepted(&token, key.verifying_key()));
        for at in 0..token.len() {
            let old = token.as_bytes()[at];
            // its neighbour in the alphabet (the smallest change of bits), and characters with a
            // meaning
            for new in [old ^ 1, old.wrapping_add(1) & 0x7f, b'.', b'='] {
                if new == old {
                    continue;
                }
                let mut altered = token.clone().into_bytes();
                altered[at] = new;
                let altered = String::from_utf8(altered).unwrap();
                assert!(
                    !accepted(&altered, key.verifying_key()),
                    "{} {at} {new}",
                    key.alg()
                );
            }
        }
        for at in 0..token.len() {
            assert!(!accepted(&token[..at], key.verifying_key()));
            assert!(!accepted(&token[at + 1..], key.verifying_key()));
            let removed = format!("{}{}", &token[..at], &token[at + 1..]);
            assert!(
                !accepted(&removed, key.verifying_key()),
                "{} {at}",
                key.alg()
            );
        }
    }
}

#[test]
fn no_random_edit_of_a_token_is_accepted() {
    let random = SeededRandom::new(27);
    for key in one_of_each() {
        let token = key.sign_jwt("JWT", CLAIMS).unwrap();
        for _ in 0..300 {
            let altered = edited(token.as_bytes(), &random);
            if let Ok(altered) = String::from_utf8(altered)
                && altered != token
            {
                assert!(
                    !accepted(&altered, key.verifying_key()),
                    "{} {altered}",
                    key.alg()
                );
            }
        }
    }
}

/// The encoding is not what protects: the decoded parts are altered and encoded again.
#[test]
fn no_random_edit_of_a_tokens_decoded_parts_is_accepted() {
    let random = SeededRandom::new(28);
    for key in one_of_each() {
        let token = key.sign_jwt("JWT", CLAIMS).unwrap();
        let parts: Vec<Vec<u8>> = token
            .split('.')
            .map(|part| base64url::decode(part).unwrap())
            .collect();
        for _ in 0..100 {
            for which in 0..3 {
                let mut altered = parts.clone();
                altered[which] = edited(&altered[which], &random);
                if altered == parts {
                    continue;
                }
                let encoded: Vec<String> = altered.iter().map(base64url::encode).collect();
                let altered = encoded.join(".");
                assert!(
                    !accepted(&altered, key.verifying_key()),
                    "{} {altered}",
                    key.alg()
                );
            }
        }
    }
}

#[test]
fn parts_of_different_tokens_do_not_fit_together() {
    let key = signing(P256_KEY, ES256);
    let tokens: Vec<String> = ["JWT", "at+jwt", "logout+jwt"]
        .iter()
        .flat_map(|typ| [&b"{}"[..], CLAIMS].map(|claims| key.sign_jwt(typ, claims).unwrap()))
        .collect();
    let parts: Vec<Vec<&str>> = tokens
        .iter()
        .map(|token| token.split('.').collect())
        .collect();
    for header in &parts {
        for payload in &parts {
            for signature in &parts {
                let mixed = format!("{}.{}.{}", header[0], payload[1], signature[2]);
                let expected = tokens.contains(&mixed);
                assert_eq!(accepted(&mixed, key.verifying_key()), expected);
            }
        }
    }
}

#[test]
fn no_random_edit_of_a_key_panics_and_what_it_signs_it_verifies() {
    let random = SeededRandom::new(29);
    for json in [RSA_KEY, P256_KEY, P521_KEY, ED25519_KEY, HMAC_KEY] {
        for round in 0..400 {
            let mut altered = edited(json.as_bytes(), &random);
            if round % 2 == 0 {
                altered = edited(&altered, &random);
            }
            exercise_key(&altered);
        }
        for at in 0..json.len() {
            exercise_key(&json.as_bytes()[..at]);
        }
    }
}

fn exercise_key(json: &[u8]) {
    let Ok(key) = Jwk::from_json(json) else {
        return;
    };
    assert_eq!(key.thumbprint_sha256().len(), 43);
    let again = Jwk::from_json(key.to_private_json().as_bytes()).unwrap();
    assert!(again == key);
    for alg in SignatureAlgorithm::ALL {
        let verifying = VerifyingKey::from_jwk(&key, alg);
        if let Ok(signing) = SigningKey::from_jwk(&key, alg) {
            let token = signing.sign_jwt("JWT", b"{}").unwrap();
            assert!(verify(&token, &verifying.unwrap()).is_ok(), "{alg}");
        }
    }
}

#[test]
fn no_random_edit_of_a_set_or_a_pem_text_panics() {
    let random = SeededRandom::new(30);
    for json in [PUBLIC_SET, PRIVATE_SET] {
        for _ in 0..300 {
            if let Ok(set) = JwkSet::from_json(&edited(json.as_bytes(), &random)) {
                assert!(set.len() <= 2);
                assert!(!serde_json::to_string(&set).unwrap().contains("\"d\""));
            }
        }
    }
    for (text, alg) in [
        (pem::P256_SEC1, ES256),
        (pem::P256_PKCS8, ES256),
        (pem::RSA_SPKI, SignatureAlgorithm::RS256),
        (pem::RSA_PKCS1, SignatureAlgorithm::RS256),
        (pem::ED25519_PKCS8, SignatureAlgorithm::EdDSA),
    ] {
        for _ in 0..200 {
            if let Ok(altered) = String::from_utf8(edited(text.as_bytes(), &random)) {
                if let Ok(key) = SigningKey::from_pem(alg, &altered) {
                    let token = key.sign_jwt("JWT", b"{}").unwrap();
                    assert!(verify(&token, key.verifying_key()).is_ok());
                }
                let _ = VerifyingKey::from_pem(alg, &altered).is_ok();
            }
        }
    }
}

/// One to four edits: a byte changed, a byte put in or taken out, a stretch repeated, or the end
/// cut off.
fn edited(original: &[u8], random: &SeededRandom) -> Vec<u8> {
    let random: &dyn Random = random;
    let draw = |below: usize| (u32::from_le_bytes(random.bytes()) as usize) % below.max(1);
    const TELLING: &[u8] = b".=-_\"\\{}[]:,0 \x00\n";
    let mut bytes = original.to_vec();
    for _ in 0..=draw(4) {
        let at = draw(bytes.len());
        let byte = match draw(2) {
            0 => TELLING[draw(TELLING.len())],
            _ => draw(256) as u8,
        };
        match draw(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << draw(8),
            1 if at < bytes.len() => bytes[at] = byte,
            2 => bytes.insert(at, byte),
            3 if at < bytes.len() => {
                bytes.remove(at);
            }
            4 => {
                let end = (at + draw(40)).min(bytes.len());
                let stretch = bytes[at..end].to_vec();
                bytes.splice(end..end, stretch);
            }
            _ => bytes.truncate(bytes.len() - draw(bytes.len().min(8))),
        }
    }
    bytes
}

proptest! {
    #[test]
    fn no_text_panics_the_token_decoder(text: String) {
        prop_assert!(CompactJws::decode(&text).is_err() || text.matches('.').count() == 2);
    }

    #[test]
    fn no_header_or_payload_panics_the_token_decoder(header: Vec<u8>, payload: Vec<u8>, signature: Vec<u8>) {
        let encode = |bytes: &[u8]| base64url::encode(bytes);
        let token = format!("{}.{}.{}", encode(&header), encode(&payload), encode(&signature));
        let _ = CompactJws::decode(&token).is_ok();
    }

    #[test]
    fn no_bytes_panic_the_key_decoders(bytes: Vec<u8>, text: String) {
        exercise_key(&bytes);
        let _ = JwkSet::from_json(&bytes).is_ok();
        let _ = Jwk::from_spki_der(&bytes).is_ok();
        let _ = Jwk::from_public_pem(&text).is_ok();
        for alg in SignatureAlgorithm::ALL {
            let _ = SigningKey::from_pkcs8_der(alg, &bytes).is_ok();
            let _ = SigningKey::from_pem(alg, &text).is_ok();
            let _ = VerifyingKey::hmac(alg, &bytes).is_ok();
        }
    }

    #[test]
    fn base64url_decodes_what_it_encodes_and_encodes_what_it_decodes(bytes: Vec<u8>, text in "[A-Za-z0-9_=+/-]{0,12}") {
        prop_assert_eq!(base64url::decode(base64url::encode(&bytes)), Ok(bytes));
        if let Ok(decoded) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(decoded), text);
        }
    }

    #[test]
    fn a_tail_put_behind_a_printed_token_is_never_accepted(tail in ".{1,8}") {
        for (token, key) in [(HS256_TOKEN, HMAC_KEY), (RS256_TOKEN, RSA_KEY), (ES256_TOKEN, P256_KEY)] {
            let alg = CompactJws::decode(token).unwrap().header().alg();
            let key = crate::verifying(key, alg);
            let longer = format!("{token}{tail}");
            let wider = format!("{tail}{token}");
            prop_assert!(verify(&longer, &key).is_err());
            prop_assert!(verify(&wider, &key).is_err());
        }
    }
}
