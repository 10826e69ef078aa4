//! Which keys must be there now, and the acts on them (OpenID Connect Core 1.0, section 10.1.1).
//!
//! Relying parties keep the JWK set for as long as its `max-age` says, so a key is published for
//! that long and a minute more before it signs ([`KeyPublication::notice_seconds`]). A standby of
//! each algorithm is always published: a rotation can take effect at once, and a compromised key
//! can be revoked at once. Only the first key of an algorithm signs without notice, as nothing else
//! can.
//!
//! [`KeyPublication::notice_seconds`]: super::KeyPublication::notice_seconds

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_jose::random::Random;
use countersign_jose::seal::Keyring;
use countersign_store::Store;
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome, KeyState, SigningKeyRecord};

use super::{KeyError, Keys, generate, import, record};
use crate::act::Target;

/// A key that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingKey {
    /// No key of the algorithm signs, or is to.
    First(SignatureAlgorithm),
    /// No key of the algorithm is the next.
    Standby(SignatureAlgorithm),
}

/// Which keys must be made so that each of `algorithms` has one that signs and one that is standby.
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

/// Makes the keys that are missing. Processes that start together end with one key of each kind.
/// `now` is Unix seconds.
///
/// # Errors
/// Returns [`KeyError::NotMade`] or [`KeyError::Store`].
pub async fn ensure(
    store: &dyn Store,
    sealing: &Keyring,
    random: &dyn Random,
    algorithms: &[SignatureAlgorithm],
    now: i64,
) -> Result<(), KeyError> {
    for missing in missing_keys(&store.signing_keys().await?, algorithms) {
        let make = |algorithm| generate(algorithm, sealing, random, now);
        let act = match missing {
            MissingKey::First(algorithm) => ChangeKeys::First {
                key: make(algorithm)?,
            },
            MissingKey::Standby(algorithm) => ChangeKeys::Standby {
                key: make(algorithm)?,
            },
        };
        // If another process was first, its key is the one.
        store.change_signing_keys(&act, now).await?;
    }
    Ok(())
}

/// The keys that have signed for longer than they should (`keys.rotate_after_seconds`), of those
/// algorithms whose next key was not announced yet. `now` is Unix seconds.
#[must_use]
pub fn overdue_keys<'a>(
    keys: &'a [SigningKeyRecord],
    algorithms: &[SignatureAlgorithm],
    rotate_after_seconds: i64,
    now: i64,
) -> Vec<(SignatureAlgorithm, &'a SigningKeyRecord)> {
    if rotate_after_seconds == 0 {
        return Vec::new();
    }
    let overdue = |key: &&SigningKeyRecord| match key.state {
        KeyState::Signing { from } => now.saturating_sub(from) >= rotate_after_seconds,
        KeyState::Standby | KeyState::Retired { .. } | KeyState::Revoked { .. } => false,
    };
    algorithms
        .iter()
        .filter_map(|algorithm| {
            let mut of = keys.iter().filter(|key| key.alg == algorithm.as_str());
            Some((*algorithm, of.find(overdue)?))
        })
        .collect()
}

impl Keys {
    /// Rotates every key that is [overdue](overdue_keys). If another process is first, its rotation
    /// is the one. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`KeyError::NotMade`] or [`KeyError::Store`].
    pub async fn rotate_overdue(
        &self,
        algorithms: &[SignatureAlgorithm],
        now: i64,
    ) -> Result<(), KeyError> {
        let keys = self.list().await?;
        let after = self.publication.rotate_after_seconds;
        for (algorithm, key) in overdue_keys(&keys, algorithms, after, now) {
            match self.rotate(algorithm, Some(&key.kid), now).await {
                Ok(_) | Err(KeyError::ChangedMeanwhile(_) | KeyError::RotationPending { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has the standby of an algorithm take over as soon as it was published for long enough, and
    /// makes the next standby. The key before it signs until then, and stays published while what
    /// it signed may be accepted. `signing` is the kid that the caller found signing: of all who
    /// found the same one, one rotates. Returns the key that takes over. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`KeyError::RotationPending`], [`KeyError::ChangedMeanwhile`], [`KeyError::NotMade`]
    /// or [`KeyError::Store`].
    pub async fn rotate(
        &self,
        algorithm: SignatureAlgorithm,
        signing: Option<&str>,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let result = self.put_standby_next(algorithm, signing, now).await;
        self.context.log("key.rotate", target(&result), &result);
        result
    }

    async fn put_standby_next(
        &self,
        algorithm: SignatureAlgorithm,
        signing: Option<&str>,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let standby = self.generate(algorithm, now)?;
        let rotate = |successor| ChangeKeys::Rotate {
            alg: algorithm.as_str().to_owned(),
            signing: signing.map(str::to_owned),
            successor,
            standby: Some(standby.clone()),
            notice_seconds: self.publication.notice_seconds(),
        };
        match self.change(&rotate(None), now).await? {
            ChangeKeysOutcome::NoSuccessor => {
                let successor = self.generate(algorithm, now)?;
                let outcome = self.change(&rotate(Some(successor)), now).await?;
                self.successor(outcome, algorithm, now).await
            }
            outcome => self.successor(outcome, algorithm, now).await,
        }
    }

    /// Imports one private key: PEM, a JWK, or a JWK set with one. See
    /// [`import_all`](Self::import_all). `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`KeyError::SeveralKeys`], and what [`import_all`](Self::import_all) returns.
    pub async fn import(
        &self,
        private: &str,
        public_pem: Option<&str>,
        algorithm: Option<SignatureAlgorithm>,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let result = async {
            let keys = import::read(private, public_pem, algorithm)?;
            match keys.as_slice() {
                [only] => {
                    self.check_importable(only, &self.list().await?, now)?;
                    self.put_imported_next(only, now).await
                }
                several => Err(KeyError::SeveralKeys(several.len())),
            }
        }
        .await;
        self.context.log("key.import", target(&result), &result);
        result
    }

    /// Imports private keys: one as PEM or as a JWK, or all of a JWK set, which have different
    /// algorithms. Each keeps its `kid`, or gets its thumbprint as one (RFC 7638). Each replaces
    /// the key that signs with its algorithm once it has been published for long enough, or signs
    /// at once if there is none. If a public key is given, it must match the only key. Without
    /// `algorithm`, it is what a JWK says, otherwise RS256 for an RSA key and the algorithm of the
    /// curve for another. All keys are checked before the first is imported. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns a [`KeyError`] that says what is wrong with which key, [`KeyError::Present`] or
    /// [`KeyError::PresentAs`] for one that exists, [`KeyError::RotationPending`],
    /// [`KeyError::ChangedMeanwhile`], [`KeyError::NotMade`] or [`KeyError::Store`].
    pub async fn import_all(
        &self,
        private: &str,
        public_pem: Option<&str>,
        algorithm: Option<SignatureAlgorithm>,
        now: i64,
    ) -> Result<Vec<SigningKeyRecord>, KeyError> {
        let keys = async {
            let keys = import::read(private, public_pem, algorithm)?;
            refuse_twice(&keys)?;
            let known = self.list().await?;
            for key in &keys {
                self.check_importable(key, &known, now)?;
            }
            Ok(keys)
        };
        let keys = match keys.await {
            Ok(keys) => keys,
            Err(error) => {
                let refused: Result<(), KeyError> = Err(error);
                self.context.log("key.import", Target::DEPLOYMENT, &refused);
                return refused.map(|()| Vec::new());
            }
        };
        let mut imported = Vec::new();
        for key in &keys {
            let result = self.put_imported_next(key, now).await;
            self.context.log("key.import", target(&result), &result);
            imported.push(result?);
        }
        Ok(imported)
    }

    /// That the key is not there, under whatever kid, and that no other one waits to sign with its
    /// algorithm.
    fn check_importable(
        &self,
        key: &SigningKey,
        known: &[SigningKeyRecord],
        now: i64,
    ) -> Result<(), KeyError> {
        let kid = key.kid().unwrap_or_default();
        let thumbprint = import::thumbprint(key).unwrap_or_default();
        for known in known {
            if known.kid == kid {
                return Err(KeyError::Present(kid.to_owned()));
            }
            if known.thumbprint == thumbprint {
                return Err(KeyError::PresentAs {
                    kid: kid.to_owned(),
                    known: known.kid.clone(),
                });
            }
        }
        match pending(known, key.alg(), now) {
            Some(pending) => Err(pending),
            None => Ok(()),
        }
    }

    async fn put_imported_next(
        &self,
        key: &SigningKey,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let record = record(key, &self.sealing, &*self.context.random, now)?;
        let kid = record.kid.clone();
        let act = ChangeKeys::Rotate {
            alg: record.alg.clone(),
            signing: None,
            successor: Some(record),
            standby: Some(self.generate(key.alg(), now)?),
            notice_seconds: self.publication.notice_seconds(),
        };
        let outcome = self.change(&act, now).await?;
        if !matches!(outcome, ChangeKeysOutcome::Signs { .. }) {
            // Another process may have imported the same key meanwhile.
            self.is_new(&kid).await?;
        }
        self.successor(outcome, key.alg(), now).await
    }

    /// Takes a compromised key out of use and out of the JWK set, at once, and makes a new standby
    /// in the same act. If it was signing, or was to, the standby takes over; returns that key.
    /// `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`KeyError::Unknown`], [`KeyError::NotOpened`], [`KeyError::NotMade`] or
    /// [`KeyError::Store`].
    pub async fn revoke(&self, kid: &str, now: i64) -> Result<Option<SigningKeyRecord>, KeyError> {
        let result = self.take_out_of_use(kid, now).await;
        self.context.log("key.revoke", Target::key(kid), &result);
        result
    }

    async fn take_out_of_use(
        &self,
        kid: &str,
        now: i64,
    ) -> Result<Option<SigningKeyRecord>, KeyError> {
        let key = self.find(kid).await?;
        let algorithm = key.alg.parse().map_err(|_| KeyError::NotOpened {
            kid: kid.to_owned(),
            reason: format!("{} is not an algorithm", key.alg),
        })?;
        let act = ChangeKeys::Revoke {
            kid: kid.to_owned(),
            fresh: self.generate(algorithm, now)?,
            notice_seconds: self.publication.notice_seconds(),
        };
        match self.change(&act, now).await? {
            ChangeKeysOutcome::Revoked {
                successor: Some(successor),
            } => self.find(&successor).await.map(Some),
            ChangeKeysOutcome::Revoked { successor: None } => Ok(None),
            _ => Err(KeyError::Unknown(kid.to_owned())),
        }
    }

    /// Forgets a key that is not published any more. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`KeyError::Unknown`], [`KeyError::Published`] or [`KeyError::Store`].
    pub async fn delete(&self, kid: &str, now: i64) -> Result<(), KeyError> {
        let result = self.forget(kid, now).await;
        self.context.log("key.delete", Target::key(kid), &result);
        result
    }

    async fn forget(&self, kid: &str, now: i64) -> Result<(), KeyError> {
        let key = self.find(kid).await?;
        let published = || KeyError::Published(kid.to_owned());
        if key.is_published(self.publication.retired_key_published_seconds, now) {
            return Err(published());
        }
        let kid = kid.to_owned();
        match self.change(&ChangeKeys::Delete { kid }, now).await? {
            ChangeKeysOutcome::Deleted => Ok(()),
            ChangeKeysOutcome::Unknown => Err(KeyError::Unknown(key.kid)),
            _ => Err(published()),
        }
    }

    fn generate(
        &self,
        algorithm: SignatureAlgorithm,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        generate(algorithm, &self.sealing, &*self.context.random, now)
    }

    async fn change(&self, act: &ChangeKeys, now: i64) -> Result<ChangeKeysOutcome, KeyError> {
        Ok(self.context.store.change_signing_keys(act, now).await?)
    }

    async fn is_new(&self, kid: &str) -> Result<(), KeyError> {
        match self.find(kid).await {
            Ok(_) => Err(KeyError::Present(kid.to_owned())),
            Err(KeyError::Unknown(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The key that takes over, or why none does.
    async fn successor(
        &self,
        outcome: ChangeKeysOutcome,
        algorithm: SignatureAlgorithm,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        if let ChangeKeysOutcome::Signs { kid, .. } = outcome {
            return self.find(&kid).await;
        }
        let known = self.list().await?;
        let pending = pending(&known, algorithm, now);
        Err(pending.unwrap_or_else(|| KeyError::ChangedMeanwhile(algorithm.as_str().to_owned())))
    }
}

/// The fault if a key already waits to sign with an algorithm.
fn pending(
    known: &[SigningKeyRecord],
    algorithm: SignatureAlgorithm,
    now: i64,
) -> Option<KeyError> {
    let of = known.iter().filter(|key| key.alg == algorithm.as_str());
    of.into_iter().find_map(|key| match key.state {
        KeyState::Signing { from } if now < from => Some(KeyError::RotationPending {
            alg: key.alg.clone(),
            kid: key.kid.clone(),
            from,
        }),
        _ => None,
    })
}

/// No two keys of one file are the same, or have the same algorithm.
fn refuse_twice(keys: &[SigningKey]) -> Result<(), KeyError> {
    for (place, key) in keys.iter().enumerate() {
        for other in keys.iter().skip(place + 1) {
            let kid = key.kid().unwrap_or_default().to_owned();
            if key.kid() == other.kid() || import::thumbprint(key) == import::thumbprint(other) {
                return Err(KeyError::Twice(kid));
            }
            if key.alg() == other.alg() {
                return Err(KeyError::SameAlgorithm(key.alg().as_str().to_owned()));
            }
        }
    }
    Ok(())
}

/// The key that takes over, for the log.
fn target(result: &Result<SigningKeyRecord, KeyError>) -> Target<'_> {
    match result {
        Ok(key) => Target::key(&key.kid),
        Err(_) => Target::DEPLOYMENT,
    }
}
