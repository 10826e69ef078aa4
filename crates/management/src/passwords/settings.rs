//! How passwords are hashed, and what they must be.

use countersign_settings::section;

section! {
    /// How passwords are kept: Argon2id (RFC 9106).
    PasswordSettings in "passwords" {
        /// Memory per hash.
        argon2_memory_kib: u32 = 19_456, 7_168 to 1_048_576;
        /// Passes over the memory.
        argon2_iterations: u32 = 2, 1 to 100;
        /// The number of lanes.
        argon2_parallelism: u32 = 1, 1 to 16;
        /// The maximum memory that a stored hash may require. A hash that requires more, from an
        /// import or a tampered database, is refused before it is computed. Hashes with the current
        /// parameters are never refused. Each hashing thread keeps the memory of the largest hash
        /// that it has computed.
        max_stored_memory_kib: u32 = 262_144, 64 to 4_194_304;
        /// The maximum number of passes that a stored hash may require.
        max_stored_iterations: u32 = 64, 1 to 10_000;
        /// The maximum number of lanes that a stored hash may require.
        max_stored_parallelism: u32 = 64, 1 to 1_024;
        /// How many passwords are hashed at once; 0 means one per processor core.
        hashing_threads: usize = 0, 0 to 256;
        /// How many passwords may wait to be hashed; beyond it the response is 503.
        hashing_queue: usize = 256, 1 to 65_536;
        /// The minimum length of a new password, in characters.
        minimum_characters: u32 = 12, 8 to 128;
        /// The maximum size of a password. A longer one is refused, never truncated.
        maximum_bytes: usize = 1_024, 128 to 4_096;
    }
}

impl PasswordSettings {
    /// How many passwords are hashed at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.hashing_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}
