//! ID tokens: the checklist of OpenID Connect Core, section 3.1.3.7, by its numbers, what goes with
//! it, and hints.

mod checklist;
mod further;
mod hint;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::id_token::{IdTokenExpectation, NonceRule, verify_id_token};
use serde_json::{Value, json};

use crate::signed::{EC, ISSUER, KEYS, NOW, sign};

pub const CLIENT: &str = "s6BhdRkqt3";
pub const SECRET: &[u8] = b"a client secret of at least 32 octets";
pub const OFFERED: &[SignatureAlgorithm] = &[SignatureAlgorithm::RS256, SignatureAlgorithm::ES256];

pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": CLIENT, "nonce": "n-0S6_WzA2Mj",
        "exp": NOW + 300, "iat": NOW - 1, "auth_time": NOW - 60, "acr": "1",
    })
}

pub fn expected() -> IdTokenExpectation<'static> {
    IdTokenExpectation {
        algorithms: OFFERED,
        nonce: NonceRule::Sent("n-0S6_WzA2Mj"),
        ..IdTokenExpectation::new(ISSUER, CLIENT)
    }
}

pub fn judged(token: &str, expectation: &IdTokenExpectation<'_>) -> &'static str {
    verify_id_token(token, &*KEYS, expectation, NOW)
        .map_or_else(|fault| fault.code(), |_| "believed")
}

pub fn judged_claims(claims: &Value, expectation: &IdTokenExpectation<'_>) -> &'static str {
    judged(&sign(&EC, "JWT", claims), expectation)
}
