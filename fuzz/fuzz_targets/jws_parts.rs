//! Header, payload and signature before they are encoded: the fuzzer need not learn base64url.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::EdDSA;
use countersign_jose::base64url;
use countersign_jose::jws::CompactJws;
use countersign_jose::key::SigningKey;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(EdDSA).expect("a key is made"));

fuzz_target!(|parts: (&[u8], &[u8], &[u8])| {
    let (header, payload, signature) = parts;
    let token = format!(
        "{}.{}.{}",
        base64url::encode(header),
        base64url::encode(payload),
        base64url::encode(signature)
    );
    let Ok(jws) = CompactJws::decode(&token) else {
        return;
    };
    assert!(!signature.is_empty());
    assert_eq!(jws.unverified_payload(), payload);
    assert!(jws.verify(KEY.verifying_key()).is_err(), "a forgery");
});
