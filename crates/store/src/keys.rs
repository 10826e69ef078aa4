//! Signing keys at rest, sealed, and the life of a key. The ring that signs is the provider's.
//!
//! Relying parties keep a copy of the JWK set for a while, so a key is published before it signs,
//! and after it for as long as something that it signed is accepted (OpenID Connect Core 1.0,
//! section 10.1.1). What a key does follows from its record and the time: no act is needed at the
//! moment at which a key begins to sign, and all replicas agree.
//!
//! | state | in the JWK set | signs |
//! |---|---|---|
//! | standby | yes | no; it is the next, also where the one before is revoked without notice |
//! | signing, `from` | yes | from then on |
//! | retired, `until` | until what it signed has expired | before that |
//! | revoked | no | no |

mod change;

use async_trait::async_trait;

use crate::StoreError;

pub use change::{ChangeKeys, ChangeKeysOutcome, KeysDecision, decide_keys};

#[async_trait]
pub trait Keys: Send + Sync {
    /// Every key that is not deleted, oldest first.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError>;

    /// Changes the keys as [`decide_keys`] says, in one act over all of them: however many replicas
    /// find that it is time, one of them rotates.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn change_signing_keys(
        &self,
        act: &ChangeKeys,
        now: i64,
    ) -> Result<ChangeKeysOutcome, StoreError>;

    /// [`ChangeKeys::First`]; whether the key is the first.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn add_first_signing_key(
        &self,
        key: &SigningKeyRecord,
        now: i64,
    ) -> Result<bool, StoreError> {
        let act = ChangeKeys::First { key: key.clone() };
        let outcome = self.change_signing_keys(&act, now).await?;
        Ok(matches!(outcome, ChangeKeysOutcome::Signs { .. }))
    }
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    pub kid: String,
    /// SHA-256 of the public key (RFC 7638): what makes it the same key under another `kid`. It
    /// stays when the key is revoked.
    pub thumbprint: String,
    /// JWA name (RFC 7518, section 3.1).
    pub alg: String,
    /// PKCS#8, sealed; associated data: table, kid, column. Empty once it is revoked.
    pub sealed: Vec<u8>,
    /// It is published from then on.
    pub created_at: i64,
    /// Of a key that is to be added it does not matter: the act gives it another.
    pub state: KeyState,
}

/// Where a key is in its life. Times are Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    Standby,
    Signing {
        from: i64,
    },
    /// Its successor signs from `until` on.
    Retired {
        from: i64,
        until: i64,
    },
    Revoked {
        at: i64,
    },
}

impl KeyState {
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyState::Standby => "standby",
            KeyState::Signing { .. } => "signing",
            KeyState::Retired { .. } => "retired",
            KeyState::Revoked { .. } => "revoked",
        }
    }
}

impl SigningKeyRecord {
    /// Whether it is the key that signs with its algorithm.
    pub fn signs(&self, now: i64) -> bool {
        match self.state {
            KeyState::Signing { from } => from <= now,
            KeyState::Retired { from, until } => from <= now && now < until,
            KeyState::Standby | KeyState::Revoked { .. } => false,
        }
    }

    /// Whether this key, among `keys`, signs with its algorithm now. If the clock was set back to
    /// before the first key started to sign, that first key signs anyway: it is already published.
    pub fn signs_among(&self, keys: &[SigningKeyRecord], now: i64) -> bool {
        let begins_later = |key: &SigningKeyRecord| match key.state {
            KeyState::Signing { from } | KeyState::Retired { from, .. } => now < from,
            KeyState::Standby | KeyState::Revoked { .. } => false,
        };
        let others = || keys.iter().filter(|other| other.alg == self.alg);
        self.signs(now)
            || begins_later(self)
                && !others().any(|other| other.signs(now))
                && others()
                    .filter(|other| begins_later(other))
                    .all(|other| self.signed_from() <= other.signed_from())
    }

    /// From when on it signs or signed, as far as that is known.
    fn signed_from(&self) -> i64 {
        match self.state {
            KeyState::Signing { from } | KeyState::Retired { from, .. } => from,
            KeyState::Standby | KeyState::Revoked { .. } => self.created_at,
        }
    }

    /// Whether it is in the JWK set, where a retired key stays there for `retired_seconds`.
    pub fn is_published(&self, retired_seconds: i64, now: i64) -> bool {
        match self.state {
            KeyState::Standby | KeyState::Signing { .. } => true,
            KeyState::Retired { until, .. } => now < until.saturating_add(retired_seconds),
            KeyState::Revoked { .. } => false,
        }
    }

    /// When it stopped signing, or is going to.
    pub fn retired_at(&self) -> Option<i64> {
        match self.state {
            KeyState::Standby | KeyState::Signing { .. } => None,
            KeyState::Retired { until, .. } => Some(until),
            KeyState::Revoked { at } => Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, alg: &str, state: KeyState) -> SigningKeyRecord {
        SigningKeyRecord {
            kid: kid.to_owned(),
            thumbprint: kid.to_owned(),
            alg: alg.to_owned(),
            sealed: vec![1],
            created_at: 100,
            state,
        }
    }

    #[test]
    fn one_key_of_an_algorithm_signs_whatever_the_clock_says() {
        let keys = [
            key(
                "first",
                "ES256",
                KeyState::Retired {
                    from: 100,
                    until: 200,
                },
            ),
            key(
                "second",
                "ES256",
                KeyState::Retired {
                    from: 200,
                    until: 300,
                },
            ),
            key("third", "ES256", KeyState::Signing { from: 300 }),
            key("next", "ES256", KeyState::Standby),
            key("revoked", "ES256", KeyState::Revoked { at: 50 }),
            key("other", "RS256", KeyState::Signing { from: 250 }),
        ];
        for (now, expected) in [
            // The clock was set back to before the first of them.
            (0, ["first", "other"]),
            (99, ["first", "other"]),
            (100, ["first", "other"]),
            (199, ["first", "other"]),
            (200, ["second", "other"]),
            (249, ["second", "other"]),
            (300, ["third", "other"]),
            (i64::MAX, ["third", "other"]),
        ] {
            let signing: Vec<&str> = keys
                .iter()
                .filter(|key| key.signs_among(&keys, now))
                .map(|key| key.kid.as_str())
                .collect();
            assert_eq!(signing, expected, "at {now}");
        }
    }
}
