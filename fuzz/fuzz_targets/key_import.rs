//! PEM, PKCS#8, SubjectPublicKeyInfo and MAC secrets from an operator's files.

#![no_main]

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::Jwk;
use countersign_jose::key::{SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for alg in SignatureAlgorithm::ALL {
        if let Ok(key) = SigningKey::from_pkcs8_der(alg, bytes) {
            assert!(key.to_pkcs8_der().is_ok());
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = SigningKey::from_pem(alg, text);
            let _ = VerifyingKey::from_pem(alg, text);
        }
    }
    let is_public = Jwk::from_spki_der(bytes).is_ok()
        || std::str::from_utf8(bytes).is_ok_and(|text| Jwk::from_public_pem(text).is_ok());
    if is_public {
        assert!(VerifyingKey::hmac(SignatureAlgorithm::HS256, bytes).is_err());
    }
});
