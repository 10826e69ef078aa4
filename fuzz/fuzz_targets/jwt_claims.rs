//! Claims signed with our key: whatever they say, the check returns, and accepts only what was
//! expected.

#![no_main]

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm::HS256;
use countersign_jose::jwt::{self, Expectation};
use countersign_jose::key::SigningKey;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(HS256).expect("a key is made"));
static EXPECTED: LazyLock<Expectation> = LazyLock::new(|| {
    Expectation::typed("JWT")
        .issuer("i")
        .audience("a")
        .require(&["exp"])
        .leeway_seconds(5)
        .max_age_seconds(60)
});

fuzz_target!(|input: (i64, &[u8])| {
    let (now, claims) = input;
    let token = KEY.sign_jwt("JWT", claims).expect("signing works");
    if let Ok(jwt) = jwt::verify::<Map<String, Value>>(&token, KEY.verifying_key(), &EXPECTED, now)
    {
        assert_eq!(jwt.claims().get("iss").and_then(Value::as_str), Some("i"));
        assert!(jwt.registered().aud.iter().any(|aud| aud == "a"));
        assert!(jwt.registered().exp.is_some_and(|exp| now < exp + 5));
        assert!(jwt.registered().iat.is_some());
    }
});
