//! A clock that stays still until it is set.

use std::sync::atomic::{AtomicI64, Ordering};

use countersign_web::clock::Clock;

/// Starts at 2026-01-01T00:00:00Z.
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub const START: i64 = 1_767_225_600;

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    fn default() -> FixedClock {
        FixedClock(AtomicI64::new(FixedClock::START))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn monotonic_milliseconds(&self) -> u64 {
        u64::try_from(self.now()).unwrap_or(0) * 1000
    }
}
