//! The keys that sign tokens: made where they are missing, rotated, imported, revoked, deleted, and
//! sealed at rest. The ring that signs with them is the provider's; a running server sees a change
//! within a second.
//!
//! | file | what |
//! |---|---|
//! | `rotation` | which keys must be there now, and the acts on them |
//! | `life` | what a key does at an instant |
//! | `settings` | how long a key is published before it signs, and after it |
//! | `import` | reading keys: PEM, JWK, JWK set |
//! | `sealed` | a key at rest |
//! | `signing_algorithm` | what a key may sign with |

mod error;
mod import;
mod life;
mod rotation;
mod sealed;
mod settings;
mod signing_algorithm;

use countersign_jose::seal::Keyring;
use countersign_store::keys::SigningKeyRecord;

use crate::Context;

pub use error::KeyError;
pub use life::{KeyLife, Phase};
pub use rotation::{MissingKey, ensure, missing_keys, overdue_keys};
pub(crate) use sealed::reseal;
pub use sealed::{generate, open, record};
pub use settings::KeyPublication;
pub use signing_algorithm::SigningAlgorithm;

/// The signing keys of a deployment.
pub struct Keys {
    context: Context,
    sealing: Keyring,
    publication: KeyPublication,
}

impl Keys {
    /// `sealing` is made from the master key; `publication` is what the running servers have set.
    #[must_use]
    pub fn new(context: Context, sealing: Keyring, publication: KeyPublication) -> Self {
        Self {
            context,
            sealing,
            publication,
        }
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// Returns [`KeyError::Store`].
    pub async fn list(&self) -> Result<Vec<SigningKeyRecord>, KeyError> {
        Ok(self.context.store.signing_keys().await?)
    }

    /// What a key does `now`, in Unix seconds.
    #[must_use]
    pub fn life(&self, key: &SigningKeyRecord, now: i64) -> KeyLife {
        KeyLife::of(key, &self.publication, now)
    }

    async fn find(&self, kid: &str) -> Result<SigningKeyRecord, KeyError> {
        let mut keys = self.list().await?.into_iter();
        keys.find(|key| key.kid == kid)
            .ok_or_else(|| KeyError::Unknown(kid.to_owned()))
    }
}
