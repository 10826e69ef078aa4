//! A client's assertion as it arrives. The fuzzer doesn't know the keys, so whatever verifies is a
//! forgery.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::{ES256, EdDSA, HS256};
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_assertion::{
    CLIENT_ASSERTION_TYPE, ClientAssertion, ClientAssertionExpectation,
};
use countersign_oauth::client_signature::ClientVerificationKeys;
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    [ES256, EdDSA]
        .into_iter()
        .map(|alg| SigningKey::generate(alg).expect("a key is made"))
        .map(|key| key.public_jwk().expect("asymmetric").clone())
        .collect()
});

fuzz_target!(|assertion: &str| {
    let read = ClientAssertion::read(Some(CLIENT_ASSERTION_TYPE), Some(assertion), None);
    let Ok(read) = read else {
        return;
    };
    let client_id = read.client_id();
    assert!(!client_id.is_empty());
    let kind = Some(CLIENT_ASSERTION_TYPE);
    assert!(ClientAssertion::read(kind, Some(assertion), Some(client_id)).is_ok());
    assert!(ClientAssertion::read(kind, Some(assertion), Some("")).is_err());
    let expectation = ClientAssertionExpectation {
        audiences: &["https://op.example"],
        single_audience: false,
        algorithms: &[ES256, EdDSA, HS256],
    };
    let secret = [7; 64];
    let secrets: [&[u8]; 1] = [&secret];
    for keys in [
        ClientVerificationKeys::Public(&*KEYS),
        ClientVerificationKeys::Secrets(&secrets),
    ] {
        let verified = read.verify(keys, &expectation, 1_800_000_000);
        assert!(verified.is_err(), "a forgery");
    }
});
