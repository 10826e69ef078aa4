//! When a key may sign, and which keys must be there (OpenID Connect Core 1.0, section 10.1.1).
//!
//! Relying parties keep the JWK set for as long as its `max-age` says, so a key is published for that
//! long, and a minute more, before it signs. A standby of each algorithm is always published: a
//! rotation can take effect at once, and so can the revocation of a compromised key. The first key of
//! an algorithm signs at once, because no one has a copy of a JWK set without it.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_store::keys::{KeyState, SigningKeyRecord};

/// How long others may keep a copy of the JWK set.
pub const JWKS_MAX_AGE_SECONDS: u32 = 300;

/// How long a key is published before it signs: a copy's life, and a minute for replicas that see it
/// later and for requests on their way.
pub const NOTICE_SECONDS: i64 = JWKS_MAX_AGE_SECONDS as i64 + 60;

/// A key that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingKey {
    /// The algorithm has no key that signs or is to sign.
    First(SignatureAlgorithm),
    /// The algorithm has no next key.
    Standby(SignatureAlgorithm),
}

/// Which keys must be made so that each of `algorithms` has one that signs and one that waits.
#[must_use]
pub fn missing_keys(
    keys: &[SigningKeyRecord],
    algorithms: &[SignatureAlgorithm],
) -> Vec<MissingKey> {
    let has = |algorithm: SignatureAlgorithm, is: fn(KeyState) -> bool| {
        let mut keys = keys.iter();
        keys.any(|key| key.alg == algorithm.as_str() && is(key.state))
    };
    let mut missing = Vec::new();
    for &algorithm in algorithms {
        if !has(algorithm, |state| matches!(state, KeyState::Signing { .. })) {
            missing.push(MissingKey::First(algorithm));
        }
        if !has(algorithm, |state| state == KeyState::Standby) {
            missing.push(MissingKey::Standby(algorithm));
        }
    }
    missing
}
