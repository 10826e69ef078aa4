//! One thread's Argon2id (RFC 9106) and the strings that hashes are stored as
//! (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`).
//!
//! The implementation chooses the widest vectors that the machine has when it starts, and keeps its
//! memory from one hash to the next, as much as the largest took: fresh pages would cost half the
//! time of a hash, and reveal which stored hashes are large. A hash runs on its worker's thread
//! alone, whatever its lanes: by default there are as many workers as cores.

use argon2_rust::params::{Memory, TagLen};
use argon2_rust::{Algorithm, Argon2, Error, Hasher, Params, Version};

use super::stored::Stored;
use super::{HashingError, PasswordSettings};

pub(super) const SALT_BYTES: usize = 16;
pub(super) const HASH_BYTES: usize = 32;

/// Hashes and verifies, one after the other, in the same memory.
pub(super) struct Worker {
    parameters: Params,
    hasher: Hasher,
    padded_blocks: u64,
}

impl Worker {
    pub(super) fn new(parameters: Params) -> Worker {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        Worker {
            parameters,
            hasher: argon2.hasher(),
            padded_blocks: 0,
        }
    }

    /// A string of the password under this salt, by today's parameters.
    pub(super) fn hash(&mut self, password: &str, salt: &[u8]) -> Result<String, HashingError> {
        self.hasher
            .hash_encoded(password.as_bytes(), salt)
            .map_err(refused)
    }

    /// Whether the password is the stored one, by the parameters that it was stored with. What
    /// these lack of `work` blocks is computed for nothing.
    pub(super) fn verify(
        &mut self,
        password: &str,
        stored: &Stored,
        work: u64,
    ) -> Result<bool, HashingError> {
        let today = *self.hasher.argon2();
        self.hasher.set_argon2(stored.argon2);
        let verdict = self.hasher.verify_with_ad(
            password.as_bytes(),
            &stored.salt,
            &[],
            &stored.associated_data,
            &stored.tag,
        );
        let padded = self.pad(work.saturating_sub(stored.cost()));
        self.hasher.set_argon2(today);
        padded?;
        match verdict {
            Ok(()) => Ok(true),
            Err(Error::VerifyMismatch) => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    /// Computes that many blocks, in no more memory than today's hashes take.
    fn pad(&mut self, blocks: u64) -> Result<(), HashingError> {
        self.padded_blocks = 0;
        let passes = blocks.div_ceil(u64::from(self.parameters.memory_kib()));
        let memory = blocks.checked_div(passes).unwrap_or_default();
        if memory < MIN_MEMORY_KIB {
            return Ok(());
        }
        let parameters = Params::builder()
            .memory(Memory::kib(memory))
            .passes(u32::try_from(passes).unwrap_or(u32::MAX))
            .lanes(1)
            .threads(1)
            .tag_len(TagLen::bytes(HASH_BYTES as u64))
            .build()
            .map_err(refused)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        self.hasher.set_argon2(argon2);
        let mut tag = [0; HASH_BYTES];
        self.hasher
            .hash_into(&[], &[0; SALT_BYTES], &mut tag)
            .map_err(refused)?;
        self.padded_blocks = memory * passes;
        Ok(())
    }

    /// How many blocks the last verification computed for nothing.
    #[cfg(test)]
    pub(super) fn padded_blocks(&self) -> u64 {
        self.padded_blocks
    }
}

/// The minimum memory of a hash with one lane (RFC 9106, section 3.1).
const MIN_MEMORY_KIB: u64 = 8;

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
    use countersign_jose::random::{Random, SeededRandom};

    use super::super::stored::Ceiling;
    use super::*;

    /// RFC 9106, section 5.3.
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

    /// An implementation by other people, over parameters and lengths of every kind.
    #[test]
    fn an_independent_implementation_computes_the_same() {
        let random = SeededRandom::new(9106);
        for round in 0..200 {
            let mut drawn = [0; 256];
            random.fill(&mut drawn);
            let lanes = 1 + u32::from(drawn[0] % 4);
            let memory = 8 * lanes + u32::from(drawn[1]);
            let passes = 1 + u32::from(drawn[2] % 3);
            let password = "pässword".repeat(usize::from(drawn[3] % 20));
            // RFC 9106, section 3.1: a salt of at least 8 bytes, a tag of at least 4; the other
            // implementation takes at most 64 and 32 bytes of salt and associated data.
            let salt = &drawn[8..8 + 8 + usize::from(drawn[4]) % 57];
            let tag_bytes = 4 + usize::from(drawn[5]) % 125;
            let associated_data = &drawn[128..128 + usize::from(drawn[6]) % 33];

            let ours = Params::builder()
                .memory(Memory::kib(memory.into()))
                .passes(passes)
                .lanes(lanes)
                .threads(1)
                .tag_len(TagLen::bytes(tag_bytes as u64))
                .build()
                .expect("parameters");
            let ours = Argon2::new(Algorithm::Argon2id, Version::V0x13, ours);
            let mut our_tag = vec![0; tag_bytes];
            ours.hasher()
                .hash_into_with_ad(
                    password.as_bytes(),
                    salt,
                    &[],
                    associated_data,
                    &mut our_tag,
                )
                .expect("hashes");

            let theirs = argon2::ParamsBuilder::new()
                .m_cost(memory)
                .t_cost(passes)
                .p_cost(lanes)
                .output_len(tag_bytes)
                .data(argon2::AssociatedData::new(associated_data).expect("associated data"))
                .build()
                .expect("parameters");
            let version = argon2::Version::V0x13;
            let theirs = argon2::Argon2::new(argon2::Algorithm::Argon2id, version, theirs);
            let mut their_tag = vec![0; tag_bytes];
            theirs
                .hash_password_into(password.as_bytes(), salt, &mut their_tag)
                .expect("hashes");
            assert_eq!(our_tag, their_tag, "round {round}");
        }
    }

    #[test]
    fn a_hash_of_an_independent_implementation_is_verified() {
        let params = argon2::Params::new(64, 2, 2, Some(HASH_BYTES)).expect("parameters");
        let version = argon2::Version::V0x13;
        let theirs = argon2::Argon2::new(argon2::Algorithm::Argon2id, version, params);
        let mut tag = [0; HASH_BYTES];
        theirs
            .hash_password_into(b"correct horse", &[7; 16], &mut tag)
            .expect("hashes");
        let settings = PasswordSettings {
            argon2_memory_kib: 64,
            argon2_iterations: 2,
            argon2_parallelism: 2,
            ..PasswordSettings::default()
        };
        let parameters = parameters(&settings).expect("parameters");
        let string = encode(&parameters, &[7; 16], &tag).expect("encodes");
        let mut worker = Worker::new(parameters);
        assert_eq!(worker.verify("correct horse", &read(&string), 0), Ok(true));
        assert_eq!(worker.verify("another", &read(&string), 0), Ok(false));
    }

    fn read(string: &str) -> Stored {
        Stored::read(string, Ceiling::of(&PasswordSettings::default())).expect("reads")
    }

    #[test]
    fn memory_is_kept_for_the_next_hash() {
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
        let verified = worker.verify("correct horse", &read(&imported), 0);
        assert_eq!(verified, Ok(true));
        // Fresh pages each time would tell the accounts whose hash is large.
        assert_eq!(worker.hasher.reserved_blocks(), 4096);
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
