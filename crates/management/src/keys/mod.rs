//! The keys that sign tokens: made where they are missing, rotated, imported, and sealed at rest. The
//! ring that signs with them is the provider's; a running server sees a change within a second.

mod error;
mod import;
mod sealed;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::Random;
use countersign_jose::seal::Keyring;
use countersign_store::Store;
use countersign_store::keys::{KeyState, SigningKeyRecord};

use crate::Context;

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

    /// Makes a new key of the algorithm; the others of it sign no more and stay published. `now` is
    /// Unix seconds.
    ///
    /// # Errors
    /// [`KeyError::NotMade`], [`KeyError::Present`], [`KeyError::Store`].
    pub async fn rotate(
        &self,
        algorithm: SignatureAlgorithm,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let record = generate(algorithm, &self.sealing, &*self.context.random, now)?;
        self.add(record, now).await
    }

    /// Imports a private key, which becomes the current one of its algorithm. A public key that is
    /// given must match. Without `algorithm` it is RS256 for RSA, and the one that fits the curve
    /// otherwise.
    ///
    /// # Errors
    /// [`KeyError::Private`], [`KeyError::Public`], [`KeyError::PublicDoesNotMatch`],
    /// [`KeyError::Present`], [`KeyError::NotMade`], [`KeyError::Store`].
    pub async fn import(
        &self,
        private_pem: &str,
        public_pem: Option<&str>,
        algorithm: Option<SignatureAlgorithm>,
        now: i64,
    ) -> Result<SigningKeyRecord, KeyError> {
        let key = import::read_pair(private_pem, public_pem, algorithm)?;
        let record = record(&key, &self.sealing, &*self.context.random, now)?;
        self.add(record, now).await
    }

    async fn add(&self, record: SigningKeyRecord, now: i64) -> Result<SigningKeyRecord, KeyError> {
        let store = &self.context.store;
        match store.add_signing_key(&record, now).await? {
            true => Ok(SigningKeyRecord {
                state: KeyState::Signing { from: now },
                ..record
            }),
            false => Err(KeyError::Present(record.kid)),
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
    let existing = store.signing_keys().await?;
    for &algorithm in algorithms {
        let has_one = existing
            .iter()
            .any(|key| key.alg == algorithm.as_str() && key.signs(now));
        if !has_one {
            let record = generate(algorithm, sealing, random, now)?;
            store.add_first_signing_key(&record, now).await?;
        }
    }
    Ok(())
}
