//! What may be used once: the `jti` of a client's assertion or of a proof of possession, until it
//! would expire anyway.
//!
//! A use is remembered until an hour after the last instant at which what was used is acceptable.
//! From then on it counts as forgotten, whether the collector has been there or not, so that an
//! outcome never depends on when it ran.

use async_trait::async_trait;
use countersign_jose::digest;

use crate::{COLLECT_AFTER_SECONDS, StoreError};

#[async_trait]
pub trait Replays: Send + Sync {
    /// Uses `key`, and remembers that until `until`, in one act: of any number that try at once,
    /// one is the first. `until` is the last instant at which what was used is acceptable, with
    /// every leeway; it and `now` are Unix seconds.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn use_once(&self, key: &UseKey, until: i64, now: i64) -> Result<Use, StoreError>;
}

/// What is used. Its parts are hashed, because only their equality matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UseKey([u8; 32]);

impl UseKey {
    /// The use of `value` for `purpose`, which names a kind of token, by `party`: the client or the
    /// issuer that chose the value. Each part has its length before it, so that none can be chosen
    /// to run into the next, and no party uses up another's values.
    #[must_use]
    pub fn new(purpose: &str, party: &str, value: &str) -> UseKey {
        let mut text = Vec::new();
        for part in [purpose, party, value] {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        UseKey(digest::sha256(&text))
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    First,
    /// It was used before. Nothing changed.
    Repeated,
}

/// A use that was remembered until this instant or an earlier one is forgotten at `now`.
#[must_use]
pub fn forgotten_until(now: i64) -> i64 {
    now.saturating_sub(COLLECT_AFTER_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_key_runs_into_the_next() {
        let keys = [
            UseKey::new("client_assertion", "client", "jti"),
            UseKey::new("client_assertion", "clientj", "ti"),
            UseKey::new("client_assertionclient", "", "jti"),
            UseKey::new("dpop", "client", "jti"),
            UseKey::new("client_assertion", "client", "jti2"),
        ];
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(number));
        }
    }
}
