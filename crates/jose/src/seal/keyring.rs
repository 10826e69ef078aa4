//! Several master keys: the newest seals, every one opens what carries its id.

use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::{SealError, SealingKey, key_id};
use crate::random::Random;

/// Master keys during and after a rotation. Clones are the same ring: what one
/// [replaces](Keyring::replace), all have.
#[derive(Debug, Clone)]
pub struct Keyring {
    keys: Arc<RwLock<Arc<Keys>>>,
}

#[derive(Debug, Clone)]
struct Keys {
    newest: Arc<SealingKey>,
    older: Vec<Arc<SealingKey>>,
}

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn new(newest: SealingKey) -> Self {
        Self::of(Keys {
            newest: Arc::new(newest),
            older: Vec::new(),
        })
    }

    /// A ring of its own with one more key, which only opens. Of two keys with one id the one that
    /// was there first counts.
    #[must_use]
    pub fn with_older(self, key: SealingKey) -> Self {
        let mut keys = Keys::clone(&self.keys());
        keys.older.push(Arc::new(key));
        Self::of(keys)
    }

    /// Has this ring, and every clone of it, use the keys of another one from now on.
    pub fn replace(&self, other: &Keyring) {
        let keys = other.keys();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Seals under the newest key.
    #[must_use]
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        self.keys().newest.seal(random, aad, plaintext)
    }

    /// Opens under the key that the blob names.
    ///
    /// # Errors
    /// Returns a [`SealError`].
    pub fn open(&self, aad: &[u8], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let id = key_id(blob)?;
        let keys = self.keys();
        std::iter::once(&keys.newest)
            .chain(&keys.older)
            .find(|key| key.key_id() == id)
            .ok_or(SealError::UnknownKey(id))?
            .open(aad, blob)
    }

    /// A tag under the newest key; see [`SealingKey::mac`].
    #[must_use]
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        self.keys().newest.mac(purpose, data)
    }

    /// Returns true if the blob should be resealed: it was not sealed under the newest key.
    #[must_use]
    pub fn is_outdated(&self, blob: &[u8]) -> bool {
        key_id(blob) != Ok(self.keys().newest.key_id())
    }

    fn of(keys: Keys) -> Self {
        Self {
            keys: Arc::new(RwLock::new(Arc::new(keys))),
        }
    }

    /// The keys at this moment.
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}
