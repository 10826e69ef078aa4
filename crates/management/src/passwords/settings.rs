//! How passwords are hashed, and what they must be.

/// Argon2id (RFC 9106) and what a password must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordSettings {
    pub argon2_memory_kib: u32,
    pub argon2_iterations: u32,
    pub argon2_parallelism: u32,
    /// Hashes computed at the same time; more than there are cores makes all of them slower.
    pub hashing_threads: usize,
    /// Hashes that may wait; one more is answered with 503.
    pub hashing_queue: usize,
    /// In characters (NIST SP 800-63B 3.1.1.2).
    pub minimum_characters: u32,
    /// In bytes; longer ones are refused, never cut.
    pub maximum_bytes: usize,
}

impl Default for PasswordSettings {
    fn default() -> PasswordSettings {
        PasswordSettings {
            argon2_memory_kib: 19_456,
            argon2_iterations: 2,
            argon2_parallelism: 1,
            hashing_threads: std::thread::available_parallelism().map_or(1, usize::from),
            hashing_queue: 256,
            minimum_characters: 12,
            maximum_bytes: 1024,
        }
    }
}
