//! Counting attempts, so that guessing is slow and no one is locked out permanently.
//!
//! An attempt is counted before it is looked at, against every counter that it concerns, in one
//! act. A counter is one sum per window. Windows follow each other without a gap and each has a row
//! of its own, so no counter refuses longer than its window, whatever a clock did: what was counted
//! while it was wrong is in the row of another window.
//!
//! An engine adds to rows and returns their sums; what a sum means is decided here.

use async_trait::async_trait;
use countersign_jose::digest;

use crate::StoreError;

#[async_trait]
pub trait Throttle: Send + Sync {
    /// Counts one attempt against each counter, in one act, and returns what [`judge`] says of the
    /// sums. A refused attempt counts against none of them.
    ///
    /// A shared engine adds to every row without a condition, judges the sums that come back, and
    /// subtracts again if the attempt is refused.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError>;

    /// After an attempt that was counted at `counted_at`: forgets what some counters have counted
    /// in its window, and subtracts the attempt from others.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn settle_attempts(
        &self,
        forget: &[Count],
        give_back: &[Count],
        counted_at: i64,
    ) -> Result<(), StoreError>;
}

/// A counter and what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub key: CounterKey,
    pub limit: Limit,
}

/// Which counter. A name or an address that is counted is not kept in the clear, since only its
/// equality matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CounterKey([u8; 32]);

impl CounterKey {
    /// The counter of `purpose` for these values. Each has its length before it, so that none can
    /// be chosen to run into the next.
    pub fn new(purpose: &str, values: &[&[u8]]) -> CounterKey {
        let mut text = Vec::new();
        for part in std::iter::once(purpose.as_bytes()).chain(values.iter().copied()) {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part);
        }
        CounterKey(digest::sha256(&text))
    }
}

/// So many attempts in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub attempts: u32,
    pub window_seconds: u32,
}

/// A counter's row for one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub key: [u8; 32],
    /// Unix seconds. No attempt is counted in this row from then on.
    pub ends_at: i64,
}

impl Count {
    /// The window of an attempt at `now`. The windows of different counters begin at different
    /// times, so that there is no moment at which all allowances are full again.
    pub fn window(&self, now: i64) -> Window {
        let seconds = i64::from(self.limit.window_seconds.max(1));
        let [a, b, c, d, ..] = self.key.0;
        let offset = i64::from(u32::from_be_bytes([a, b, c, d])) % seconds;
        let began_at = now.saturating_sub(now.saturating_sub(offset).rem_euclid(seconds));
        let mut text = Vec::with_capacity(48);
        text.extend_from_slice(&self.key.0);
        text.extend_from_slice(&seconds.to_be_bytes());
        text.extend_from_slice(&began_at.to_be_bytes());
        Window {
            key: digest::sha256(&text),
            ends_at: began_at.saturating_add(seconds),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Allowed,
    Refused(Refused),
}

/// An allowance is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Try again after this many; never below 1, never more than the window.
    pub retry_after_seconds: i64,
}

/// Judges an attempt by the sums of its counters, with the attempt in each. If several refuse, the
/// longest wait counts.
pub fn judge(sums: impl IntoIterator<Item = (Count, i64)>, now: i64) -> Attempt {
    sums.into_iter()
        .filter(|(count, sum)| *sum > i64::from(count.limit.attempts))
        .map(|(count, _)| Refused {
            retry_after_seconds: (count.window(now).ends_at - now).max(1),
        })
        .max()
        .map_or(Attempt::Allowed, Attempt::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five_a_minute(name: &str) -> Count {
        Count {
            key: CounterKey::new("test", &[name.as_bytes()]),
            limit: Limit {
                attempts: 5,
                window_seconds: 60,
            },
        }
    }

    #[test]
    fn no_value_of_a_key_runs_into_the_next() {
        let keys = [
            CounterKey::new("login", &[b"account", b"bob"]),
            CounterKey::new("login", &[b"accountb", b"ob"]),
            CounterKey::new("login", &[b"account bob"]),
            CounterKey::new("login", &[b"account", b"bob", b""]),
            CounterKey::new("loginaccount", &[b"bob"]),
        ];
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(number));
        }
    }

    #[test]
    fn windows_follow_each_other_and_are_as_long_as_the_limit_says() {
        for name in ["alice", "bob", "carol"] {
            let count = five_a_minute(name);
            for now in [-61, -1, 0, 1, 59, 60, 1_800_000_000] {
                let window = count.window(now);
                assert!((now + 1..=now + 60).contains(&window.ends_at), "{now}");
                assert_eq!(count.window(window.ends_at - 60), window);
                assert_eq!(count.window(window.ends_at - 1), window);
                let next = count.window(window.ends_at);
                assert_ne!(next.key, window.key);
                assert_eq!(next.ends_at, window.ends_at + 60);
            }
        }
        let (alice, bob) = (five_a_minute("alice"), five_a_minute("bob"));
        assert_ne!(alice.window(0).ends_at, bob.window(0).ends_at);
    }

    #[test]
    fn a_sum_is_refused_above_the_limit_and_for_the_longest_rest_of_a_window() {
        let (alice, bob) = (five_a_minute("alice"), five_a_minute("bob"));
        let now = 1_800_000_000;
        assert_eq!(judge([(alice, 5), (bob, 5)], now), Attempt::Allowed);
        let rest = |count: Count| count.window(now).ends_at - now;
        for (sums, rest) in [
            ([6, 5], rest(alice)),
            ([5, 6], rest(bob)),
            ([6, 1_000], rest(alice).max(rest(bob))),
        ] {
            let refused = Attempt::Refused(Refused {
                retry_after_seconds: rest,
            });
            let [alices, bobs] = sums;
            assert_eq!(judge([(alice, alices), (bob, bobs)], now), refused);
        }
    }
}
