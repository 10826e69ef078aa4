//! Request objects: as they arrive, under keys that the fuzzer does not know; and claims that we
//! signed, beside a query.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::{self, ES256, EdDSA, HS256};
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_signature::ClientVerificationKeys;
use countersign_oauth::parameters::{Limits, Parameters, REPEATABLE_RESOURCE};
use countersign_oauth::request_object::{RequestObject, RequestObjectExpectation};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    [ES256, EdDSA]
        .into_iter()
        .map(|alg| SigningKey::generate(alg).expect("a key is made"))
        .map(|key| key.public_jwk().expect("asymmetric").clone())
        .collect()
});

const SECRET: [u8; 64] = [7; 64];
const ALGORITHMS: &[SignatureAlgorithm] = &[ES256, EdDSA, HS256];
const EXPECTATION: RequestObjectExpectation<'static> = RequestObjectExpectation {
    client_id: "client",
    issuer: "https://op.example",
    algorithms: ALGORITHMS,
};
const NOW: i64 = 1_800_000_000;

fuzz_target!(|input: &str| {
    let (object, query) = input.split_once('\n').unwrap_or((input, ""));
    let secrets: [&[u8]; 1] = [&SECRET];
    if let Ok(read) = RequestObject::read(object) {
        for keys in [
            ClientVerificationKeys::Public(&*KEYS),
            ClientVerificationKeys::Secrets(&[&[9; 64]]),
        ] {
            assert!(read.verify(keys, &EXPECTATION, NOW).is_err(), "a forgery");
        }
    }
    let key = SigningKey::hmac(HS256, &SECRET).expect("a key");
    let signed = key.sign_jwt("oauth-authz-req+jwt", object.as_bytes());
    let signed = signed.expect("signs");
    let Ok(read) = RequestObject::read(&signed) else {
        return;
    };
    let keys = ClientVerificationKeys::Secrets(&secrets);
    let Ok(verified) = read.verify(keys, &EXPECTATION, NOW) else {
        return;
    };
    let claims: Map<String, Value> =
        serde_json::from_str(object.trim_start_matches('\u{feff}')).expect("it was read");
    assert!(
        claims
            .get("iss")
            .is_none_or(|iss| iss.is_null() || iss == "client")
    );
    assert!(claims.get("sub") != Some(&Value::from("client")));
    let limits = Limits::default();
    let Ok(outside) = Parameters::parse_query(query, limits, REPEATABLE_RESOURCE) else {
        return;
    };
    for alone in [false, true] {
        let parameters = verified.parameters(&outside, alone, limits, REPEATABLE_RESOURCE);
        let Ok(parameters) = parameters else {
            continue;
        };
        assert_eq!(parameters.get("request"), None);
        assert_eq!(parameters.get("request_uri"), None);
        for (name, value) in parameters.iter() {
            let is_inside = claims.get(name).is_some();
            // What is inside comes first, and is all that counts of that name.
            match claims.get(name) {
                Some(Value::String(text)) => assert_eq!(value, text, "{name}"),
                Some(Value::Null) => panic!("{name} is null"),
                Some(_) => {}
                None => assert!(outside.all(name).any(|sent| sent == value), "{name}"),
            }
            assert!(is_inside || !alone || name == "client_id", "{name}");
        }
        for name in ["client_id", "response_type"] {
            if let (Some(inside), Some(outside)) = (claims.get(name), outside.get(name)) {
                assert_eq!(inside.as_str(), Some(outside), "{name}");
            }
        }
    }
});
