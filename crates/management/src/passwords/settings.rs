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
