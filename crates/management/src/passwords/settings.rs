//! How passwords are hashed, and what they must be.

use countersign_settings::section;

section! {
    /// How passwords are kept: Argon2id (RFC 9106).
    PasswordSettings in "passwords" {
        /// Memory per hash.
        argon2_memory_kib: u32 = 19_456, 7_168 to 1_048_576;
        /// Passes over the memory.
        argon2_iterations: u32 = 2, 1 to 100;
        /// Lanes.
        argon2_parallelism: u32 = 1, 1 to 16;
        /// The largest memory of a stored hash that a sign-in computes. A hash that asks for more,
        /// from an import or a tampered database, is refused before it is computed. Today's own
        /// parameters never are. Each hashing thread keeps the memory of the largest hash that it
        /// has computed.
        max_stored_memory_kib: u32 = 262_144, 64 to 4_194_304;
        /// The most passes of a stored hash that a sign-in computes.
        max_stored_iterations: u32 = 64, 1 to 10_000;
        /// The most lanes of a stored hash that a sign-in computes.
        max_stored_parallelism: u32 = 64, 1 to 1_024;
        /// How many passwords are hashed at once; 0 means one per processor core.
        hashing_threads: usize = 0, 0 to 256;
        /// How many passwords may wait to be hashed; one more is answered 503.
        hashing_queue: usize = 256, 1 to 65_536;
        /// The least number of characters of a new password.
        minimum_characters: u32 = 12, 8 to 128;
        /// The greatest size of a password; a longer one is refused, never cut.
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
