//! Blobs sealed at rest: XAES-256-GCM under a master key, bound to where they are kept.
//!
//! ```text
//! version (1 byte, 1) | key id (4 bytes, big-endian) | random (24 bytes)
//!     | ciphertext | tag (16 bytes)
//! ```
//!
//! The first half of the random bits derives the blob's own AES-256 key from the master key by
//! CMAC, the second half is its nonce (C2SP XAES-256-GCM), so that blobs may be sealed without a
//! bound on their number. Version and key id are authenticated together with the caller's
//! associated data. Why so: `docs/decisions/2026-11-21-sealed-blobs.md`.

mod keyring;
mod xaes;

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

pub use keyring::Keyring;

use crate::digest::{HmacSha256, hkdf_sha256};
use crate::random::Random;
use xaes::MasterKey;

/// A master key with its id. Cheap to share by reference; it never prints.
pub struct SealingKey {
    key_id: u32,
    master: MasterKey,
    mac: HmacSha256,
}

impl SealingKey {
    /// Prepares 256 random bits as a master key; the array passed in is wiped.
    #[must_use]
    pub fn new(key_id: u32, mut key: [u8; 32]) -> Self {
        let master = MasterKey::new(&key);
        let mac = HmacSha256::new(&*Zeroizing::new(hkdf_sha256(&key, b"", MAC_INFO)));
        key.zeroize();
        Self {
            key_id,
            master,
            mac,
        }
    }

    /// A tag by which everyone who holds this key recognises what one of them made, such as an
    /// address. It depends on the purpose, and hides nothing of `data`.
    #[must_use]
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        self.mac.tag(&associated_data(purpose, data, ""))
    }

    /// The id that is written into each blob.
    #[must_use]
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Seals `plaintext`; the same `aad` opens it. The blob is [`OVERHEAD_BYTES`] longer.
    #[must_use]
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = random.bytes();
        let mut blob = Vec::with_capacity(OVERHEAD_BYTES + plaintext.len());
        blob.push(VERSION);
        blob.extend_from_slice(&self.key_id.to_be_bytes());
        let bound = bound_data(&blob, aad);
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&self.master.seal(&nonce, &bound, plaintext));
        blob
    }

    /// Opens what [`SealingKey::seal`] made with the same key and `aad`.
    ///
    /// # Errors
    /// Returns a [`SealError`].
    pub fn open(&self, aad: &[u8], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let key_id = key_id(blob)?;
        if key_id != self.key_id {
            return Err(SealError::UnknownKey(key_id));
        }
        let (prefix, rest) = blob
            .split_at_checked(PREFIX_BYTES)
            .ok_or(SealError::Malformed)?;
        let (nonce, ciphertext) = rest.split_first_chunk().ok_or(SealError::Malformed)?;
        self.master
            .open(nonce, &bound_data(prefix, aad), ciphertext)
            .ok_or(SealError::NotAuthentic)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Why a blob does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Too short to be one.
    #[error("sealed blob: too short")]
    Malformed,
    /// A version that this software does not know.
    #[error("sealed blob: unknown version {0}")]
    UnknownVersion(u8),
    /// Sealed under a key that we don't hold.
    #[error("sealed blob: no key with the id {0}")]
    UnknownKey(u32),
    /// Altered, sealed under another key of this id, or moved from another place.
    #[error("sealed blob: not authentic for this place")]
    NotAuthentic,
}

/// How much longer a blob is than its plaintext.
pub const OVERHEAD_BYTES: usize = PREFIX_BYTES + 24 + 16;

const VERSION: u8 = 1;

/// Domain separation of the key of tags (RFC 5869, section 3.2).
const MAC_INFO: &[u8] = b"countersign seal, key of tags, version 1";
const PREFIX_BYTES: usize = 5;

/// The associated data that binds a blob to its table, row and column. Each part goes in with its
/// length, so that no two places share one encoding.
#[must_use]
pub fn associated_data(table: &str, row: impl AsRef<[u8]>, column: &str) -> Vec<u8> {
    let parts = [table.as_bytes(), row.as_ref(), column.as_bytes()];
    let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

/// The id of the key that a blob was sealed under, as the blob says.
///
/// # Errors
/// Returns [`SealError::Malformed`] or [`SealError::UnknownVersion`].
pub fn key_id(blob: &[u8]) -> Result<u32, SealError> {
    match *blob {
        [] => Err(SealError::Malformed),
        [version, ..] if version != VERSION => Err(SealError::UnknownVersion(version)),
        [_, a, b, c, d, ..] if blob.len() >= OVERHEAD_BYTES => Ok(u32::from_be_bytes([a, b, c, d])),
        _ => Err(SealError::Malformed),
    }
}

/// The prefix has a fixed length, so putting it in front is unambiguous.
fn bound_data(prefix: &[u8], aad: &[u8]) -> Vec<u8> {
    [prefix, aad].concat()
}
