//! Counting attempts, so that guessing is slow and nobody is locked out for good.
//!
//! One number per key (the generic cell rate algorithm): the instant at which the key's allowance
//! is full again. An attempt is counted *before* it is looked at, in one act, so racers cannot
//! share an allowance.

use async_trait::async_trait;

use crate::StoreError;

#[async_trait]
pub trait Throttle: Send + Sync {
    /// Counts one attempt against each key and answers whether it may go on: all of them are
    /// counted, or, where one refuses, none. The wait is the longest of those that refuse.
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError>;

    /// After a success: forgets the attempts of some keys, and gives one back to others.
    async fn settle_attempts(
        &self,
        forget: &[[u8; 32]],
        give_back: &[Count],
        now: i64,
    ) -> Result<(), StoreError>;

    /// [`Throttle::count_attempts`] for one key.
    async fn count_attempt(
        &self,
        key: &[u8; 32],
        limit: Limit,
        now: i64,
    ) -> Result<Attempt, StoreError> {
        self.count_attempts(&[Count { key: *key, limit }], now)
            .await
    }

    /// Forgets a key's attempts.
    async fn forget_attempts(&self, key: &[u8; 32], now: i64) -> Result<(), StoreError> {
        self.settle_attempts(&[*key], &[], now).await
    }
}

/// A key and what it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub key: [u8; 32],
    pub limit: Limit,
}

/// `attempts` at once, regained evenly over `window_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub attempts: u32,
    pub window_seconds: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Allowed,
    Refused(Refused),
}

/// An allowance is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Try again after this many; never below 1.
    pub retry_after_seconds: i64,
}

/// The rule: given the stored instant (Unix milliseconds, `None` for a fresh key), the new one to
/// store, or the refusal, which stores nothing.
pub fn decide(full_again_at: Option<i64>, limit: Limit, now: i64) -> Result<i64, Refused> {
    let now = now.saturating_mul(1000);
    let next = full_again_at.unwrap_or(now).max(now) + limit.step_milliseconds();
    let over = next - now - limit.window_milliseconds();
    if over > 0 {
        let retry_after_seconds = ((over + 999) / 1000).max(1);
        return Err(Refused {
            retry_after_seconds,
        });
    }
    Ok(next)
}

/// The rule for several keys at once: what to store for each, or the longest refusal.
pub fn decide_all(stored: &[Option<i64>], counts: &[Count], now: i64) -> Result<Vec<i64>, Refused> {
    let mut next = Vec::with_capacity(counts.len());
    let mut longest = None;
    for (stored, count) in stored.iter().zip(counts) {
        match decide(*stored, count.limit, now) {
            Ok(full_again_at) => next.push(full_again_at),
            Err(refused) => longest = longest.max(Some(refused)),
        }
    }
    match longest {
        Some(refused) => Err(refused),
        None => Ok(next),
    }
}

/// The instant to store when one attempt is given back.
pub fn give_back(full_again_at: i64, limit: Limit) -> i64 {
    full_again_at.saturating_sub(limit.step_milliseconds())
}

impl Limit {
    fn window_milliseconds(self) -> i64 {
        i64::from(self.window_seconds).max(1) * 1000
    }

    /// What one attempt costs.
    fn step_milliseconds(self) -> i64 {
        (self.window_milliseconds() / i64::from(self.attempts.max(1))).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_A_MINUTE: Limit = Limit {
        attempts: 5,
        window_seconds: 60,
    };

    #[test]
    fn five_attempts_pass_at_once_and_the_sixth_waits_for_its_share_of_the_window() {
        let mut stored = None;
        for _ in 0..5 {
            stored = Some(decide(stored, FIVE_A_MINUTE, 1_000).expect("allowed"));
        }
        assert_eq!(
            decide(stored, FIVE_A_MINUTE, 1_000),
            Err(Refused {
                retry_after_seconds: 12
            })
        );
        assert!(decide(stored, FIVE_A_MINUTE, 1_012).is_ok());
    }

    #[test]
    fn nobody_is_locked_out_longer_than_the_window() {
        let mut stored = None;
        for second in 0..10_000 {
            if let Ok(next) = decide(stored, FIVE_A_MINUTE, second) {
                stored = Some(next);
            }
        }
        assert!(decide(stored, FIVE_A_MINUTE, 10_060).is_ok());
    }
}
