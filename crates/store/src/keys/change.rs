//! What an act makes of the signing keys. Of each algorithm one key at most is signing and one at
//! most is standby.

use super::{KeyState, SigningKeyRecord};
use crate::events::{Event, EventKind};

/// An act on the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKeys {
    /// Adds the first key of its algorithm, which signs at once: no one has a copy of a JWK set
    /// that lacks it.
    First { key: SigningKeyRecord },
    /// Adds the key that is published as the next of its algorithm, if there is none.
    Standby { key: SigningKeyRecord },
    /// Has another key sign.
    Rotate {
        alg: String,
        /// The kid of the key that the caller found signing; `None` for whichever it is.
        signing: Option<String>,
        /// A new key that takes over; `None` for the standby.
        successor: Option<SigningKeyRecord>,
        /// Becomes the standby if there is none afterwards.
        standby: Option<SigningKeyRecord>,
        /// How long the successor must have been published before it signs.
        notice_seconds: i64,
    },
    /// Takes a compromised key out of use and out of the JWK set, at once. Where it was signing the
    /// standby takes over.
    Revoke {
        kid: String,
        /// A new key: the standby from now on, where that has taken over or is missing; takes over
        /// itself where it was missing.
        fresh: SigningKeyRecord,
        /// As for [`ChangeKeys::Rotate`], where the key was not signing yet.
        notice_seconds: i64,
    },
    /// Forgets a key that is retired or revoked.
    Delete { kid: String },
    /// Keeps a key in another form, sealed under another master key, if it still has the form that
    /// was read.
    Reseal {
        kid: String,
        before: Vec<u8>,
        sealed: Vec<u8>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKeysOutcome {
    /// This key of the algorithm signs from then on.
    Signs {
        kid: String,
        from: i64,
    },
    /// The standby was added.
    Added,
    /// There is a first key, or a standby, of the algorithm already. Nothing changed.
    AlreadyThere,
    /// Another key signs than the one that the caller found, or another rotation has not taken
    /// effect yet. Nothing changed.
    ChangedMeanwhile,
    /// There is no standby to take over. Nothing changed.
    NoSuccessor,
    /// The kid of a new key is another key's. Nothing changed.
    KidTaken,
    /// It is revoked. If it was signing, or was to, `successor` signs in its place.
    Revoked {
        successor: Option<String>,
    },
    Deleted,
    Resealed,
    /// A key that signs, or is the next to, is not deleted. Nothing changed.
    InUse,
    /// There is no such key.
    Unknown,
}

/// What is to be written, in one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysDecision {
    /// Records that are new or changed, by kid.
    pub put: Vec<SigningKeyRecord>,
    pub delete: Option<String>,
    pub events: Vec<Event>,
    pub outcome: ChangeKeysOutcome,
}

/// What an act makes of all keys as read.
pub fn decide_keys(keys: &[SigningKeyRecord], act: &ChangeKeys, now: i64) -> KeysDecision {
    let ring = Keys { keys, now };
    let decided = match act {
        ChangeKeys::First { key } => ring.first(key),
        ChangeKeys::Standby { key } => ring.standby(key),
        ChangeKeys::Rotate {
            alg,
            signing,
            successor,
            standby,
            notice_seconds,
        } => ring.rotate(
            alg,
            signing.as_deref(),
            (successor.as_ref(), standby.as_ref()),
            *notice_seconds,
        ),
        ChangeKeys::Revoke {
            kid,
            fresh,
            notice_seconds,
        } => ring.revoke(kid, fresh, *notice_seconds),
        ChangeKeys::Delete { kid } => ring.delete(kid),
        ChangeKeys::Reseal {
            kid,
            before,
            sealed,
        } => ring.reseal(kid, before, sealed),
    };
    decided.unwrap_or_else(|outcome| Changes::default().come_to(outcome))
}

/// All keys at the time of an act.
struct Keys<'a> {
    keys: &'a [SigningKeyRecord],
    now: i64,
}

type Decided = Result<KeysDecision, ChangeKeysOutcome>;

impl Keys<'_> {
    fn first(&self, key: &SigningKeyRecord) -> Decided {
        if self.signing(&key.alg).is_some() {
            return Err(ChangeKeysOutcome::AlreadyThere);
        }
        self.is_free(key)?;
        let mut changes = Changes::default();
        changes.add(key, KeyState::Signing { from: self.now }, self.now);
        Ok(changes.come_to(signs(key, self.now)))
    }

    fn standby(&self, key: &SigningKeyRecord) -> Decided {
        if self.waiting(&key.alg).is_some() {
            return Err(ChangeKeysOutcome::AlreadyThere);
        }
        self.is_free(key)?;
        let mut changes = Changes::default();
        changes.add(key, KeyState::Standby, self.now);
        Ok(changes.come_to(ChangeKeysOutcome::Added))
    }

    fn rotate(
        &self,
        alg: &str,
        signing: Option<&str>,
        (new, standby): (Option<&SigningKeyRecord>, Option<&SigningKeyRecord>),
        notice_seconds: i64,
    ) -> Decided {
        let current = self.signing(alg);
        let is_another = signing.is_some_and(|kid| current.is_none_or(|key| key.kid != kid));
        if is_another || current.is_some_and(|current| !current.signs_among(self.keys, self.now)) {
            return Err(ChangeKeysOutcome::ChangedMeanwhile);
        }
        for key in new.into_iter().chain(standby) {
            self.is_free(key)?;
        }
        let waiting = self.waiting(alg);
        let successor = new.or(waiting).ok_or(ChangeKeysOutcome::NoSuccessor)?;
        let mut from = self.now;
        let mut changes = Changes::default();
        if let Some(current) = current {
            let published_for_long = successor.created_at.saturating_add(notice_seconds);
            from = self.now.max(published_for_long);
            changes.put(current, retired(current, from));
        }
        match new {
            Some(new) => changes.add(new, KeyState::Signing { from }, self.now),
            None => changes.put(successor, KeyState::Signing { from }),
        }
        changes.tell(EventKind::SigningKeyRotated, &successor.kid, self.now);
        let is_waiting_still = new.is_some() && waiting.is_some();
        if let Some(standby) = standby.filter(|_| !is_waiting_still) {
            changes.add(standby, KeyState::Standby, self.now);
        }
        Ok(changes.come_to(signs(successor, from)))
    }

    fn revoke(&self, kid: &str, fresh: &SigningKeyRecord, notice_seconds: i64) -> Decided {
        let key = self.known(kid)?;
        if let KeyState::Revoked { .. } = key.state {
            return Err(ChangeKeysOutcome::Revoked { successor: None });
        }
        self.is_free(fresh)?;
        let mut changes = Changes::default();
        changes.put(key, KeyState::Revoked { at: self.now });
        changes.tell(EventKind::SigningKeyRevoked, kid, self.now);
        let waiting = self.waiting(&key.alg).filter(|waiting| waiting.kid != kid);
        let successor = match key.state {
            KeyState::Signing { from } => {
                let successor = waiting.unwrap_or(fresh);
                let from = self.instead_from(successor, from, notice_seconds, &mut changes);
                match waiting {
                    Some(waiting) => {
                        changes.put(waiting, KeyState::Signing { from });
                        changes.add(fresh, KeyState::Standby, self.now);
                    }
                    None => changes.add(fresh, KeyState::Signing { from }, self.now),
                }
                Some(successor)
            }
            // The one that was to sign later signs now.
            KeyState::Retired { until, .. } if self.now < until => {
                let next = self.signing(&key.alg);
                if let Some(next) = next {
                    changes.put(next, KeyState::Signing { from: self.now });
                }
                next
            }
            KeyState::Standby | KeyState::Retired { .. } | KeyState::Revoked { .. } => None,
        };
        let was_signing = matches!(key.state, KeyState::Signing { .. });
        if waiting.is_none() && !was_signing {
            changes.add(fresh, KeyState::Standby, self.now);
        }
        let successor = successor.map(|key| key.kid.clone());
        Ok(changes.come_to(ChangeKeysOutcome::Revoked { successor }))
    }

    /// When a successor starts to sign instead of a revoked key that signs, or was to sign, from
    /// `from` on. If the revoked key was already signing, the successor signs at once. Otherwise it
    /// signs once it has been published for long enough, and the key before it signs until then.
    fn instead_from(
        &self,
        successor: &SigningKeyRecord,
        from: i64,
        notice_seconds: i64,
        changes: &mut Changes,
    ) -> i64 {
        let is_retiring = |key: &&SigningKeyRecord| {
            let until = KeyState::Retired {
                from: key.signed_from(),
                until: from,
            };
            key.alg == successor.alg && key.state == until && self.now < from
        };
        let Some(retiring) = self.keys.iter().find(is_retiring) else {
            return self.now;
        };
        let from = from.max(successor.created_at.saturating_add(notice_seconds));
        changes.put(retiring, retired(retiring, from));
        from
    }

    fn delete(&self, kid: &str) -> Decided {
        let key = self.known(kid)?;
        let is_in_use = match key.state {
            KeyState::Standby | KeyState::Signing { .. } => true,
            KeyState::Retired { until, .. } => self.now < until,
            KeyState::Revoked { .. } => false,
        };
        if is_in_use {
            return Err(ChangeKeysOutcome::InUse);
        }
        let mut changes = Changes::default();
        changes.tell(EventKind::SigningKeyDeleted, kid, self.now);
        let mut decision = changes.come_to(ChangeKeysOutcome::Deleted);
        decision.delete = Some(kid.to_owned());
        Ok(decision)
    }

    fn reseal(&self, kid: &str, before: &[u8], sealed: &[u8]) -> Decided {
        let key = self.known(kid)?;
        if key.sealed != before {
            return Err(ChangeKeysOutcome::ChangedMeanwhile);
        }
        let mut changes = Changes::default();
        changes.put.push(SigningKeyRecord {
            sealed: sealed.to_vec(),
            ..key.clone()
        });
        Ok(changes.come_to(ChangeKeysOutcome::Resealed))
    }

    /// The key of an algorithm that signs, or is to.
    fn signing(&self, alg: &str) -> Option<&SigningKeyRecord> {
        let is_signing = |state| matches!(state, KeyState::Signing { .. });
        let mut keys = self.keys.iter();
        keys.find(|key| key.alg == alg && is_signing(key.state))
    }

    /// The standby of an algorithm.
    fn waiting(&self, alg: &str) -> Option<&SigningKeyRecord> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.alg == alg && key.state == KeyState::Standby)
    }

    fn known(&self, kid: &str) -> Result<&SigningKeyRecord, ChangeKeysOutcome> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.kid == kid)
            .ok_or(ChangeKeysOutcome::Unknown)
    }

    fn is_free(&self, key: &SigningKeyRecord) -> Result<(), ChangeKeysOutcome> {
        match self.known(&key.kid) {
            Ok(_) => Err(ChangeKeysOutcome::KidTaken),
            Err(_) => Ok(()),
        }
    }
}

fn signs(key: &SigningKeyRecord, from: i64) -> ChangeKeysOutcome {
    ChangeKeysOutcome::Signs {
        kid: key.kid.clone(),
        from,
    }
}

fn retired(key: &SigningKeyRecord, until: i64) -> KeyState {
    let from = key.signed_from();
    KeyState::Retired { from, until }
}

#[derive(Default)]
struct Changes {
    put: Vec<SigningKeyRecord>,
    events: Vec<Event>,
}

impl Changes {
    fn add(&mut self, key: &SigningKeyRecord, state: KeyState, now: i64) {
        self.put(key, state);
        self.tell(EventKind::SigningKeyAdded, &key.kid, now);
    }

    fn put(&mut self, key: &SigningKeyRecord, state: KeyState) {
        let mut key = key.clone();
        key.state = state;
        if let KeyState::Revoked { .. } = state {
            key.sealed.clear();
        }
        self.put.push(key);
    }

    fn tell(&mut self, kind: EventKind, kid: &str, now: i64) {
        self.events.push(Event::new(kind, now).about(kid));
    }

    fn come_to(self, outcome: ChangeKeysOutcome) -> KeysDecision {
        KeysDecision {
            put: self.put,
            delete: None,
            events: self.events,
            outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: i64 = 360;

    fn key(kid: &str, created_at: i64, state: KeyState) -> SigningKeyRecord {
        SigningKeyRecord {
            kid: kid.to_owned(),
            thumbprint: kid.to_owned(),
            alg: "ES256".to_owned(),
            sealed: vec![1],
            created_at,
            state,
        }
    }

    fn new(kid: &str, created_at: i64) -> SigningKeyRecord {
        key(kid, created_at, KeyState::Standby)
    }

    /// The keys after an act, and its outcome.
    fn after(
        keys: &[SigningKeyRecord],
        act: &ChangeKeys,
        now: i64,
    ) -> (Vec<SigningKeyRecord>, ChangeKeysOutcome) {
        let decision = decide_keys(keys, act, now);
        let mut keys = keys.to_vec();
        for put in decision.put {
            match keys.iter_mut().find(|key| key.kid == put.kid) {
                Some(key) => *key = put,
                None => keys.push(put),
            }
        }
        keys.retain(|key| decision.delete.as_ref() != Some(&key.kid));
        (keys, decision.outcome)
    }

    fn rotate(signing: &str, standby: &str, now: i64) -> ChangeKeys {
        ChangeKeys::Rotate {
            alg: "ES256".to_owned(),
            signing: Some(signing.to_owned()),
            successor: None,
            standby: Some(new(standby, now)),
            notice_seconds: NOTICE,
        }
    }

    fn signing_at(keys: &[SigningKeyRecord], now: i64) -> Vec<&str> {
        let signing = keys.iter().filter(|key| key.signs(now));
        signing.map(|key| key.kid.as_str()).collect()
    }

    /// "a" signs since 0, "b" is standby since `standby_since`.
    fn two(standby_since: i64) -> Vec<SigningKeyRecord> {
        vec![
            key("a", 0, KeyState::Signing { from: 0 }),
            new("b", standby_since),
        ]
    }

    #[test]
    fn a_standby_that_was_published_for_long_enough_signs_at_once() {
        let (keys, outcome) = after(&two(0), &rotate("a", "c", 1_000), 1_000);
        let (kid, from) = ("b".to_owned(), 1_000);
        assert_eq!(outcome, ChangeKeysOutcome::Signs { kid, from });
        let expected = [
            key(
                "a",
                0,
                KeyState::Retired {
                    from: 0,
                    until: from,
                },
            ),
            key("b", 0, KeyState::Signing { from }),
            key("c", 1_000, KeyState::Standby),
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn one_key_signs_at_any_time_and_none_before_it_was_published_for_long_enough() {
        let (keys, _) = after(&two(900), &rotate("a", "c", 1_000), 1_000);
        for (now, expected) in [(1_000, "a"), (1_259, "a"), (1_260, "b"), (9_000, "b")] {
            assert_eq!(signing_at(&keys, now), [expected], "{now}");
        }
        let late = rotate("a", "d", 1_100);
        let (_, outcome) = after(&keys, &late, 1_100);
        assert_eq!(outcome, ChangeKeysOutcome::ChangedMeanwhile);
        let early = rotate("b", "d", 1_100);
        let (_, outcome) = after(&keys, &early, 1_100);
        assert_eq!(
            outcome,
            ChangeKeysOutcome::ChangedMeanwhile,
            "b is not signing yet"
        );
    }

    #[test]
    fn an_imported_key_waits_its_notice_and_leaves_the_standby() {
        let act = ChangeKeys::Rotate {
            alg: "ES256".to_owned(),
            signing: None,
            successor: Some(new("imported", 1_000)),
            standby: Some(new("c", 1_000)),
            notice_seconds: NOTICE,
        };
        let (keys, _) = after(&two(0), &act, 1_000);
        assert_eq!(signing_at(&keys, 1_359), ["a"]);
        assert_eq!(signing_at(&keys, 1_360), ["imported"]);
        let standby: Vec<_> = keys
            .iter()
            .filter(|key| key.state == KeyState::Standby)
            .collect();
        assert_eq!(standby, [&new("b", 0)]);
    }

    #[test]
    fn a_revoked_key_is_out_of_use_at_once_and_another_signs() {
        let fresh = || new("fresh", 1_000);
        let (pending, _) = after(&two(900), &rotate("a", "c", 1_000), 1_000);
        let table = [
            // keys, revoked, signing at 1,000 and much later, the standby then
            (two(0), "a", "b", "b", "fresh"),
            (two(0), "b", "a", "a", "fresh"),
            (
                vec![key("a", 0, KeyState::Signing { from: 0 })],
                "a",
                "fresh",
                "fresh",
                "",
            ),
            // "a" is retiring, "b" is to sign from 1,260, "c" is standby.
            (pending.clone(), "a", "b", "b", "c"),
            (pending.clone(), "b", "a", "c", "fresh"),
            (pending, "c", "a", "b", "fresh"),
        ];
        for (keys, revoked, now, later, standby) in table {
            let act = ChangeKeys::Revoke {
                kid: revoked.to_owned(),
                fresh: fresh(),
                notice_seconds: NOTICE,
            };
            let (keys, outcome) = after(&keys, &act, 1_000);
            assert!(
                matches!(outcome, ChangeKeysOutcome::Revoked { .. }),
                "{outcome:?}"
            );
            assert_eq!(signing_at(&keys, 1_000), [now], "{revoked} of {keys:?}");
            assert_eq!(signing_at(&keys, 9_000), [later], "{revoked} of {keys:?}");
            for now in 1_000..2_000 {
                assert_eq!(signing_at(&keys, now).len(), 1, "{now} {keys:?}");
            }
            let waits = keys.iter().find(|key| key.state == KeyState::Standby);
            assert_eq!(
                waits.map_or("", |key| &key.kid),
                standby,
                "{revoked} of {keys:?}"
            );
            let gone = keys
                .iter()
                .find(|key| key.kid == revoked)
                .expect("it is kept");
            assert!(!gone.is_published(i64::MAX, 1_000) && gone.sealed.is_empty());
            let (_, outcome) = after(&keys, &act, 1_000);
            let successor = None;
            assert_eq!(outcome, ChangeKeysOutcome::Revoked { successor }, "again");
        }
    }
}
