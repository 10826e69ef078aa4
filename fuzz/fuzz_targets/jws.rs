//! A compact token as it arrives. The fuzzer doesn't know the keys, so whatever verifies is a
//! forgery.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::{ES256, EdDSA, HS256};
use countersign_jose::jws::CompactJws;
use countersign_jose::key::SigningKey;
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    [ES256, EdDSA, HS256]
        .into_iter()
        .map(|alg| SigningKey::generate(alg).expect("a key is made"))
        .collect()
});

fuzz_target!(|token: &str| {
    let Ok(jws) = CompactJws::decode(token) else {
        return;
    };
    assert_eq!(token.matches('.').count(), 2);
    assert!(jws.header().kid().is_none_or(|kid| kid.len() <= 256));
    assert!(!jws.header().members().contains_key("crit"));
    let keys = KEYS.iter().map(SigningKey::verifying_key);
    assert!(jws.verify_with_any(keys).is_err(), "a forgery");
});
