//! The keys that sign tokens: made where they are missing, rotated, imported, revoked, and sealed at
//! rest. The ring that signs with them is the provider's; a running server sees a change within a
//! second.

mod error;
mod import;
pub mod rotation;
mod sealed;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::Random;
use countersign_jose::seal::Keyring;
use countersign_store::Store;
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome, SigningKeyRecord};

use crate::Context;
use crate::act::Target;
use rotation::{MissingKey, NOTICE_SECONDS, missing_keys};

pub use error::KeyError;
pub use sealed::{generate, open, record};

/// The signing keys of a deployment.
pub struct Keys {
    context: Context,
    sealing: Keyring,
}

impl Keys {
    /// `sealing` is made from the master key.
    #[must_use]
    pub fn new(context: Context, sealing: Keyring) -> Self {
        Self { context, sealing }
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// [`KeyError::Store`].
    pub async fn list(&self) -> Result<Vec<SigningKeyRecord>, KeyError> {
        Ok(self.context.store.signing_keys().await?)
    }

    /// Has the standby of an algorithm sign as soon as it was published for long enough, and makes
    /// the next standby. The key before it signs until then, and stays published while what it signed
    /// may be accepted. Returns the key that takes over. `now` is Unix seconds.
    ///
    /// # Errors
    /// [`KeyError::RotationPending`], [`KeyError::NotMade`], [`KeyError::Store`].
    pub async fn rotate(
        &self,
        algorithm: SignatureAlgorithm,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let result = async {
            let rotate = |successor, standby| ChangeKeys::Rotate {
                alg: algorithm.as_str().to_owned(),
                signing: None,
                successor,
                standby: Some(standby),
                notice_seconds: NOTICE_SECONDS,
            };
            let standby = self.generate(algorithm, now)?;
            let outcome = self.change(&rotate(None, standby.clone()), now).await?;
            let outcome = match outcome {
                // A database without standbys: a new key takes over, after its notice.
                ChangeKeysOutcome::NoSuccessor => {
                    let successor = Some(self.generate(algorithm, now)?);
                    self.change(&rotate(successor, standby), now).await?
                }
                outcome => outcome,
            };
            self.successor(outcome, algorithm.as_str()).await
        }
        .await;
        let target = match &result {
            Ok(key) => Target::key(&key.kid),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("key.rotate", target, &result);
        result
    }

    /// Imports a private key. It takes over from the key that signs with its algorithm once it was
    /// published for long enough, or at once where there is none. A public key that is given must
    /// match. Without `algorithm` it is RS256 for RSA, and the one that fits the curve otherwise.
    ///
    /// # Errors
    /// [`KeyError::Private`], [`KeyError::Public`], [`KeyError::PublicDoesNotMatch`],
    /// [`KeyError::Present`], [`KeyError::RotationPending`], [`KeyError::NotMade`],
    /// [`KeyError::Store`].
    pub async fn import(
        &self,
        private_pem: &str,
        public_pem: Option<&str>,
        algorithm: Option<SignatureAlgorithm>,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let result = async {
            let key = import::read_pair(private_pem, public_pem, algorithm)?;
            let record = record(&key, &self.sealing, &*self.context.random, now)?;
            let (kid, alg) = (record.kid.clone(), record.alg.clone());
            let act = ChangeKeys::Rotate {
                alg: alg.clone(),
                signing: None,
                successor: Some(record),
                standby: None,
                notice_seconds: NOTICE_SECONDS,
            };
            match self.change(&act, now).await? {
                ChangeKeysOutcome::KidTaken => Err(KeyError::Present(kid)),
                outcome => self.successor(outcome, &alg).await,
            }
        }
        .await;
        let target = match &result {
            Ok(key) => Target::key(&key.kid),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("key.import", target, &result);
        result
    }

    /// Takes a compromised key out of use and out of the JWK set at once. Where it was signing the
    /// standby takes over, and a new standby is made. Returns the key that signs in its place, if it
    /// was signing.
    ///
    /// # Errors
    /// [`KeyError::Unknown`], [`KeyError::NotMade`], [`KeyError::Store`].
    pub async fn revoke(&self, kid: &str, now: i64) -> Result<Option<SigningKeyRecord>, KeyError> {
        let result = async {
            let unknown = || KeyError::Unknown(kid.to_owned());
            let key = self.find(kid).await?.ok_or_else(unknown)?;
            let algorithm = key.alg.parse().map_err(|_| KeyError::NotOpened {
                kid: kid.to_owned(),
                reason: format!("{} is not an algorithm", key.alg),
            })?;
            let act = ChangeKeys::Revoke {
                kid: kid.to_owned(),
                fresh: self.generate(algorithm, now)?,
                notice_seconds: NOTICE_SECONDS,
            };
            match self.change(&act, now).await? {
                ChangeKeysOutcome::Revoked {
                    successor: Some(kid),
                } => self.find(&kid).await,
                ChangeKeysOutcome::Revoked { successor: None } => Ok(None),
                _ => Err(unknown()),
            }
        }
        .await;
        let target = Target::key(kid);
        self.context.log("key.revoke", target, &result);
        result
    }

    /// Makes what is missing of each algorithm: a key that signs, and a standby. `now` is Unix
    /// seconds.
    ///
    /// # Errors
    /// [`KeyError::NotMade`], [`KeyError::Store`].
    pub async fn make_missing(
        &self,
        algorithms: &[SignatureAlgorithm],
        now: i64,
    ) -> Result<(), KeyError> {
        for missing in missing_keys(&self.list().await?, algorithms) {
            let act = match missing {
                MissingKey::First(algorithm) => ChangeKeys::First {
                    key: self.generate(algorithm, now)?,
                },
                MissingKey::Standby(algorithm) => ChangeKeys::Standby {
                    key: self.generate(algorithm, now)?,
                },
            };
            // Where another process was first, its key is the one.
            self.change(&act, now).await?;
        }
        Ok(())
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

    async fn find(&self, kid: &str) -> Result<Option<SigningKeyRecord>, KeyError> {
        let keys = self.list().await?;
        Ok(keys.into_iter().find(|key| key.kid == kid))
    }

    async fn successor(
        &self,
        outcome: ChangeKeysOutcome,
        alg: &str,
    ) -> Result<SigningKeyRecord, KeyError> {
        let pending = || KeyError::RotationPending(alg.to_owned());
        match outcome {
            ChangeKeysOutcome::Signs { kid, .. } => self.find(&kid).await?.ok_or_else(pending),
            _ => Err(pending()),
        }
    }
}

/// Makes the first key of every algorithm that has none. Two processes that start together end with
/// one key each.
///
/// # Errors
/// [`KeyError::NotMade`], [`KeyError::Store`].
pub async fn ensure(
    store: &dyn Store,
    sealing: &Keyring,
    random: &dyn Random,
    algorithms: &[SignatureAlgorithm],
    now: i64,
) -> Result<(), KeyError> {
    for missing in missing_keys(&store.signing_keys().await?, algorithms) {
        if let MissingKey::First(algorithm) = missing {
            let key = generate(algorithm, sealing, random, now)?;
            let first = ChangeKeys::First { key };
            store.change_signing_keys(&first, now).await?;
        }
    }
    Ok(())
}
