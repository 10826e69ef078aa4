//! A stored hash, read and found cheap enough to compute.
//!
//! The string says how much memory and time its hash takes, so someone who can write one into
//! the database, or has one imported, would otherwise decide what a sign-in costs.

use argon2_rust::{Algorithm, Argon2, Params, Version, decode_phc};

use super::{HashingError, PasswordSettings};

/// The longest tag, salt and associated data of a stored hash, in bytes. Ours have 32, 16 and none.
const MAX_TAG_BYTES: usize = 128;
const MAX_SALT_BYTES: usize = 128;
const MAX_ASSOCIATED_DATA_BYTES: usize = 64;
/// No PHC string within these limits is longer, in characters.
const MAX_STRING_BYTES: usize = 1024;

/// A stored hash that may be computed.
pub(super) struct Stored {
    pub argon2: Argon2,
    pub salt: Vec<u8>,
    pub associated_data: Vec<u8>,
    pub tag: Vec<u8>,
}

/// What a stored hash may cost: the ceilings of the settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceiling {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl Ceiling {
    pub(super) fn of(settings: &PasswordSettings) -> Self {
        Self {
            memory_kib: settings
                .max_stored_memory_kib
                .max(settings.argon2_memory_kib),
            iterations: settings
                .max_stored_iterations
                .max(settings.argon2_iterations),
            parallelism: settings
                .max_stored_parallelism
                .max(settings.argon2_parallelism),
        }
    }

    fn admits(self, parameters: &Params) -> bool {
        parameters.memory_kib() <= self.memory_kib
            && parameters.passes() <= self.iterations
            && parameters.lanes() <= self.parallelism
    }
}

impl Stored {
    /// Reads a PHC string. Nothing is computed, and no memory is taken for the hash.
    pub(super) fn read(string: &str, ceiling: Ceiling) -> Result<Self, HashingError> {
        if string.len() > MAX_STRING_BYTES {
            return Err(HashingError::TooCostly);
        }
        let decoded = decode_phc(string).map_err(|_| HashingError::Unreadable)?;
        let fits = ceiling.admits(&decoded.params)
            && decoded.hash.len() <= MAX_TAG_BYTES
            && decoded.salt.len() <= MAX_SALT_BYTES
            && decoded.ad.len() <= MAX_ASSOCIATED_DATA_BYTES;
        if !fits {
            return Err(HashingError::TooCostly);
        }
        // One thread computes all lanes; see the pool.
        let parameters = decoded.params.to_builder().threads(1).build();
        let parameters = parameters.map_err(|_| HashingError::Unreadable)?;
        Ok(Self {
            argon2: Argon2::new(decoded.algorithm, decoded.version, parameters),
            salt: decoded.salt,
            associated_data: decoded.ad,
            tag: decoded.hash,
        })
    }

    /// Whether it was made with other parameters than `today`'s, or is not Argon2id.
    pub(super) fn is_outdated(&self, today: &Params) -> bool {
        let parameters = self.argon2.params();
        self.argon2.algorithm() != Algorithm::Argon2id
            || self.argon2.version() != Version::V0x13
            || parameters.memory_kib() != today.memory_kib()
            || parameters.passes() != today.passes()
            || parameters.lanes() != today.lanes()
    }

    pub(super) fn cost(&self) -> u64 {
        cost(self.argon2.params())
    }
}

/// How many blocks of 1 KiB are computed.
pub(super) fn cost(parameters: &Params) -> u64 {
    u64::from(parameters.memory_kib()) * u64::from(parameters.passes())
}
