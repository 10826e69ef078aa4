//! Several master keys: the newest seals, every one opens what carries its id.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{SealError, SealingKey, key_id};
use crate::random::Random;

/// Master keys during and after a rotation. Clones share the keys.
#[derive(Debug, Clone)]
pub struct Keyring {
    newest: Arc<SealingKey>,
    older: Vec<Arc<SealingKey>>,
}

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn new(newest: SealingKey) -> Self {
        Self {
            newest: Arc::new(newest),
            older: Vec::new(),
        }
    }

    /// Adds a key that only opens. Of two keys with one id the one that was there first counts.
    #[must_use]
    pub fn with_older(mut self, key: SealingKey) -> Self {
        self.older.push(Arc::new(key));
        self
    }

    /// Seals under the newest key.
    #[must_use]
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        self.newest.seal(random, aad, plaintext)
    }

    /// Opens under the key that the blob names.
    ///
    /// # Errors
    /// Returns a [`SealError`].
    pub fn open(&self, aad: &[u8], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let id = key_id(blob)?;
        std::iter::once(&self.newest)
            .chain(&self.older)
            .find(|key| key.key_id() == id)
            .ok_or(SealError::UnknownKey(id))?
            .open(aad, blob)
    }

    /// A tag under the newest key; see [`SealingKey::mac`].
    #[must_use]
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        self.newest.mac(purpose, data)
    }

    /// Returns true if the blob should be resealed: it was not sealed under the newest key.
    #[must_use]
    pub fn is_outdated(&self, blob: &[u8]) -> bool {
        key_id(blob) != Ok(self.newest.key_id())
    }
}
