//! Chance that can be had again: the seed is printed, and `COUNTERSIGN_TEST_SEED` brings it back.

use countersign_jose::random::{self, Random, SeededRandom};

/// The seed of this run.
pub fn seed() -> u64 {
    let seed = match std::env::var("COUNTERSIGN_TEST_SEED") {
        Ok(text) => text.parse().expect("COUNTERSIGN_TEST_SEED is a number"),
        Err(_) => u64::from(u32::from_le_bytes(random::bytes())),
    };
    println!("COUNTERSIGN_TEST_SEED={seed}");
    seed
}

/// A stream of choices.
pub struct Dice(SeededRandom);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(SeededRandom::new(seed))
    }

    /// A number from 0 to `end`, without it.
    pub fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let end = u64::try_from(end).expect("64 bits");
        usize::try_from(u64::from_le_bytes(bytes) % end).expect("64 bits")
    }

    pub fn one_in(&self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<'a, T: ?Sized>(&self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}
