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
mod tests;
