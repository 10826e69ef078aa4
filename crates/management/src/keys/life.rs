//! What a key does at an instant, for people: its record says when, and no act happens at that
//! moment.

use countersign_store::keys::{KeyState, SigningKeyRecord};

use super::KeyPublication;

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Published as the next of its algorithm.
    Standby,
    /// Published; signs from an instant that is set.
    Announced,
    /// Signs.
    Signing,
    /// No longer signs, but is published while tokens that it signed may be accepted.
    Retired,
    /// No longer signs, and everything that it signed has expired.
    Expired,
    /// Was taken out of use and out of the JWK set.
    Revoked,
}

impl Phase {
    /// The word for it, as the command line shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Standby => "standby",
            Phase::Announced => "announced",
            Phase::Signing => "signing",
            Phase::Retired => "retired",
            Phase::Expired => "expired",
            Phase::Revoked => "revoked",
        }
    }
}

/// A key's life as it is known at an instant. Times are Unix seconds; `None` is an open end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLife {
    pub phase: Phase,
    pub signs_from: Option<i64>,
    pub signs_until: Option<i64>,
    pub published_from: i64,
    pub published_until: Option<i64>,
}

impl KeyLife {
    /// The life of `key` as seen `now`, in Unix seconds.
    #[must_use]
    pub fn of(key: &SigningKeyRecord, publication: &KeyPublication, now: i64) -> Self {
        let life = |phase, signs_from, signs_until, published_until| Self {
            phase,
            signs_from,
            signs_until,
            published_from: key.created_at,
            published_until,
        };
        match key.state {
            KeyState::Standby => life(Phase::Standby, None, None, None),
            KeyState::Signing { from } if now < from => {
                life(Phase::Announced, Some(from), None, None)
            }
            KeyState::Signing { from } => life(Phase::Signing, Some(from), None, None),
            KeyState::Retired { from, until } => {
                let gone = until.saturating_add(publication.retired_key_published_seconds);
                let phase = match now {
                    now if now < until => Phase::Signing,
                    now if now < gone => Phase::Retired,
                    _ => Phase::Expired,
                };
                life(phase, Some(from), Some(until), Some(gone))
            }
            KeyState::Revoked { at } => life(Phase::Revoked, None, Some(at), Some(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_and_instant_has_its_phase() {
        let publication = KeyPublication {
            jwks_max_age_seconds: 300,
            retired_key_published_seconds: 1_000,
            ..KeyPublication::default()
        };
        let signing = KeyState::Signing { from: 100 };
        let retired = KeyState::Retired {
            from: 100,
            until: 200,
        };
        let table = [
            (KeyState::Standby, 50, Phase::Standby, None),
            (signing, 99, Phase::Announced, None),
            (signing, 100, Phase::Signing, None),
            (retired, 199, Phase::Signing, Some(1_200)),
            (retired, 200, Phase::Retired, Some(1_200)),
            (retired, 1_199, Phase::Retired, Some(1_200)),
            (retired, 1_200, Phase::Expired, Some(1_200)),
            (
                KeyState::Revoked { at: 150 },
                150,
                Phase::Revoked,
                Some(150),
            ),
        ];
        for (state, now, phase, published_until) in table {
            let key = SigningKeyRecord {
                kid: "a".to_owned(),
                thumbprint: String::new(),
                alg: "ES256".to_owned(),
                sealed: Vec::new(),
                created_at: 10,
                state,
            };
            let life = KeyLife::of(&key, &publication, now);
            assert_eq!(life.phase, phase, "{state:?} at {now}");
            assert_eq!(life.published_until, published_until, "{state:?} at {now}");
            let is_published = key.is_published(1_000, now);
            let is_over = matches!(phase, Phase::Expired | Phase::Revoked);
            assert_eq!(is_published, !is_over, "{state:?} at {now}");
            assert_eq!(
                key.signs(now),
                phase == Phase::Signing,
                "{state:?} at {now}"
            );
        }
    }
}
