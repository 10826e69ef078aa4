//! A key or a set in JSON: what is accepted keeps its identity, hides its private members, and
//! verifies what it signs.

#![no_main]

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{Jwk, JwkSet};
use countersign_jose::key::{SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|json: &[u8]| {
    if let Ok(set) = JwkSet::from_json(json) {
        set.iter().for_each(exercise);
        for alg in SignatureAlgorithm::ALL {
            let _ = set.select(None, alg);
            let _ = set.select(Some("1"), alg);
        }
    }
    if let Ok(key) = Jwk::from_json(json) {
        exercise(&key);
    }
});

fn exercise(key: &Jwk) {
    let public: Value = serde_json::from_str(&key.to_public_json()).expect("we write JSON");
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert!(public.get(private).is_none(), "{private} is private");
    }
    let again = Jwk::from_json(key.to_private_json().as_bytes()).expect("what we write we read");
    assert!(again == *key);
    for alg in SignatureAlgorithm::ALL {
        let Ok(signing) = SigningKey::from_jwk(key, alg) else {
            continue;
        };
        let verifying = VerifyingKey::from_jwk(key, alg).expect("what signs verifies");
        let token = signing.sign_jwt("JWT", b"{}").expect("signing works");
        let (input, signature) = token.rsplit_once('.').expect("three parts");
        let signature = countersign_jose::base64url::decode(signature).expect("base64url");
        assert!(verifying.verifies(input.as_bytes(), &signature));
    }
}
