//! One issuer's keys for the token tests: an RSA key, as the standard's default wants it, and an EC
//! key.

use std::sync::LazyLock;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use serde_json::Value;

pub const NOW: i64 = 1_800_000_000;
pub const ISSUER: &str = "https://op.example";

pub static RSA: LazyLock<SigningKey> = LazyLock::new(|| key(SignatureAlgorithm::RS256));
pub static EC: LazyLock<SigningKey> = LazyLock::new(|| key(SignatureAlgorithm::ES256));
/// Someone else's.
pub static FOREIGN: LazyLock<SigningKey> = LazyLock::new(|| key(SignatureAlgorithm::ES256));

pub static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    [&RSA, &EC]
        .into_iter()
        .map(|key| key.public_jwk().unwrap().clone())
        .collect()
});

pub fn key(alg: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(alg).unwrap()
}

pub fn sign(key: &SigningKey, typ: &str, claims: &Value) -> String {
    key.sign_jwt(typ, claims.to_string().as_bytes()).unwrap()
}

/// Signed with a header of the test's own making.
pub fn sign_with_header(key: &SigningKey, header: Value, claims: &Value) -> String {
    let members = header.as_object().unwrap();
    key.sign_with_header(members, claims.to_string().as_bytes())
        .unwrap()
}

/// Claims with one member set, or removed where the value is null.
pub fn with(mut claims: Value, member: &str, value: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(member);
    } else {
        members.insert(member.to_owned(), value);
    }
    claims
}
