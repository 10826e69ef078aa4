//! One thread's Argon2id (RFC 9106) and the strings that hashes are stored as
//! (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`).
//!
//! The implementation chooses the widest vectors that the machine has when it starts, and keeps its
//! memory from one hash to the next: fresh pages would cost half the time of a hash. A hash runs on
//! its worker's thread alone, whatever its lanes: there are as many workers as cores.

use argon2_rust::params::{Memory, TagLen};
use argon2_rust::{Algorithm, Argon2, Error, Hasher, Params, Version, decode_phc};

use super::{HashingError, PasswordSettings};

pub(super) const SALT_BYTES: usize = 16;
pub(super) const HASH_BYTES: usize = 32;

/// Hashes and verifies, one after the other, in the same memory.
pub(super) struct Worker {
    parameters: Params,
    hasher: Hasher,
}

impl Worker {
    pub(super) fn new(parameters: Params) -> Worker {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        Worker {
            parameters,
            hasher: argon2.hasher(),
        }
    }

    /// A string of the password under this salt, by today's parameters.
    pub(super) fn hash(&mut self, password: &str, salt: &[u8]) -> Result<String, HashingError> {
        self.hasher
            .hash_encoded(password.as_bytes(), salt)
            .map_err(refused)
    }

    /// Whether the password is the stored one, by the parameters that it was stored with.
    pub(super) fn verify(&mut self, password: &str, stored: &str) -> Result<bool, HashingError> {
        let stored = decode_phc(stored).map_err(|_| HashingError::Unreadable)?;
        let parameters = stored.params.to_builder().threads(1).build();
        let parameters = parameters.map_err(|_| HashingError::Unreadable)?;
        let today = *self.hasher.argon2();
        self.hasher
            .set_argon2(Argon2::new(stored.algorithm, stored.version, parameters));
        let verdict = self.hasher.verify_with_ad(
            password.as_bytes(),
            &stored.salt,
            &[],
            &stored.ad,
            &stored.hash,
        );
        self.hasher.set_argon2(today);
        self.release_what_is_too_much();
        match verdict {
            Ok(()) => Ok(true),
            Err(Error::VerifyMismatch) => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    /// An imported hash may have asked for more memory than ours do.
    fn release_what_is_too_much(&mut self) {
        if self.hasher.reserved_blocks() > self.parameters.memory_blocks() as usize {
            self.hasher.clear();
        }
    }
}

/// Today's parameters, if Argon2 takes them.
pub(super) fn parameters(settings: &PasswordSettings) -> Result<Params, HashingError> {
    Params::builder()
        .memory(Memory::kib(settings.argon2_memory_kib.into()))
        .passes(settings.argon2_iterations)
        .lanes(settings.argon2_parallelism)
        .threads(1)
        .tag_len(TagLen::bytes(HASH_BYTES as u64))
        .build()
        .map_err(refused)
}

/// The parameters that a stored hash was made with; `None` where it can't be read.
pub(super) fn parameters_of(stored: &str) -> Option<Params> {
    let stored = decode_phc(stored).ok()?;
    (stored.algorithm == Algorithm::Argon2id && stored.version == Version::V0x13)
        .then_some(stored.params)
}

/// The string of a hash that is already known.
pub(super) fn encode(
    parameters: &Params,
    salt: &[u8],
    hash: &[u8],
) -> Result<String, HashingError> {
    argon2_rust::encode_string_alloc(Algorithm::Argon2id, Version::V0x13, parameters, salt, hash)
        .map_err(refused)
}

fn refused(error: Error) -> HashingError {
    match error {
        Error::MemoryAllocationError | Error::ThreadFail => HashingError::Busy,
        _ => HashingError::Parameters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::{Random, SeededRandom};

    /// RFC 9106 5.3.
    #[test]
    fn the_rfcs_vector_of_argon2id() {
        let parameters = Params::builder()
            .memory(Memory::kib(32))
            .passes(3)
            .lanes(4)
            .tag_len(TagLen::bytes(32))
            .build()
            .expect("parameters");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let mut tag = [0; 32];
        argon2
            .hash_into_with_ad(&[1; 32], &[2; 16], &[3; 8], &[4; 12], &mut tag)
            .expect("hashes");
        assert_eq!(
            tag,
            [
                0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b,
                0x53, 0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9,
                0x6b, 0x01, 0xe6, 0x59,
            ]
        );
    }

    /// An implementation by other people, over parameters of every kind.
    #[test]
    fn an_independent_implementation_computes_the_same() {
        let random = SeededRandom::new(9106);
        for round in 0..60 {
            let mut drawn = [0; 40];
            random.fill(&mut drawn);
            let lanes = 1 + u32::from(drawn[0] % 4);
            let memory = 8 * lanes + u32::from(drawn[1]);
            let passes = 1 + u32::from(drawn[2] % 3);
            let password = "pässword".repeat(usize::from(drawn[3] % 20));
            let salt = &drawn[8..24];
            let settings = PasswordSettings {
                argon2_memory_kib: memory,
                argon2_iterations: passes,
                argon2_parallelism: lanes,
                ..PasswordSettings::default()
            };
            let mut worker = Worker::new(parameters(&settings).expect("parameters"));
            let ours = worker.hash(&password, salt).expect("hashes");

            let params = argon2::Params::new(memory, passes, lanes, Some(HASH_BYTES));
            let theirs = argon2::Argon2::new(
                argon2::Algorithm::Argon2id,
                argon2::Version::V0x13,
                params.expect("parameters"),
            );
            let mut tag = [0; HASH_BYTES];
            theirs
                .hash_password_into(password.as_bytes(), salt, &mut tag)
                .expect("hashes");
            let expected = encode(&worker.parameters, salt, &tag).expect("encodes");
            assert_eq!(ours, expected, "round {round}");
            assert_eq!(worker.verify(&password, &expected), Ok(true));
            assert_eq!(worker.verify("another", &expected), Ok(false));
        }
    }

    #[test]
    fn memory_is_kept_for_the_next_hash_and_not_more_than_ours_need() {
        let settings = PasswordSettings {
            argon2_memory_kib: 64,
            argon2_iterations: 1,
            ..PasswordSettings::default()
        };
        let mut worker = Worker::new(parameters(&settings).expect("parameters"));
        let hash = worker.hash("correct horse", &[7; 16]).expect("hashes");
        assert_eq!(worker.hasher.reserved_blocks(), 64);

        let larger = PasswordSettings {
            argon2_memory_kib: 4096,
            ..settings
        };
        let imported = Worker::new(parameters(&larger).expect("parameters"))
            .hash("correct horse", &[7; 16])
            .expect("hashes");
        assert_eq!(worker.verify("correct horse", &imported), Ok(true));
        assert_eq!(worker.hasher.reserved_blocks(), 0);
        assert_eq!(worker.hash("correct horse", &[7; 16]), Ok(hash));
    }

    #[test]
    fn what_argon2_does_not_take_is_refused_when_it_is_set() {
        for (argon2_memory_kib, argon2_iterations, argon2_parallelism) in
            [(7, 1, 1), (64, 0, 1), (64, 1, 0), (64, 1, 16)]
        {
            let settings = PasswordSettings {
                argon2_memory_kib,
                argon2_iterations,
                argon2_parallelism,
                ..PasswordSettings::default()
            };
            assert_eq!(parameters(&settings), Err(HashingError::Parameters));
        }
    }
}
