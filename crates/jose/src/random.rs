//! Randomness as an argument: the system's for everything real, a seeded stream for tests that must
//! repeat.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::HmacSha256;

/// Fills `target` from the system's generator.
///
/// # Panics
/// If the operating system provides no randomness; nothing may continue without it.
pub fn fill(target: &mut [u8]) {
    aws_lc_rs::rand::fill(target).expect("the operating system gives randomness");
}

/// `N` bytes from the system's generator.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

/// A source of random bytes that code takes as an argument.
pub trait Random: Send + Sync {
    /// Overwrites all of `target`.
    fn fill(&self, target: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's generator by way of the crypto backend.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, target: &mut [u8]) {
        fill(target);
    }
}

/// A stream that the seed determines: HMAC-SHA-256 of a counter. For tests only: 64 bits of seed
/// protect nothing.
///
/// Threads may share it; which thread gets which block then depends on their order.
#[derive(Debug)]
pub struct SeededRandom {
    key: HmacSha256,
    counter: AtomicU64,
}

impl SeededRandom {
    /// The stream of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            key: HmacSha256::new(&seed.to_be_bytes()),
            counter: AtomicU64::new(0),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, target: &mut [u8]) {
        for chunk in target.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = self.key.tag(&counter.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Random, SeededRandom, SystemRandom, bytes};

    #[test]
    fn one_seed_is_one_stream_and_another_seed_another() {
        let take = |seed: u64| {
            let random = SeededRandom::new(seed);
            let random: &dyn Random = &random;
            (random.bytes::<40>(), random.bytes::<5>())
        };
        assert_eq!(take(7), take(7));
        assert_ne!(take(7), take(8));
        let (first, second) = take(7);
        assert_ne!(first[..5], second);
    }

    #[test]
    fn the_system_never_repeats_itself() {
        assert_ne!(bytes::<32>(), bytes::<32>());
        let mut target = [0; 32];
        SystemRandom.fill(&mut target);
        assert_ne!(target, [0; 32]);
    }
}
