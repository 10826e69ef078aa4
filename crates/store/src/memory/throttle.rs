//! Counters of attempts.

use async_trait::async_trait;

use super::{Memory, State};
use crate::StoreError;
use crate::throttle::{Attempt, Count, Throttle, Window, judge};

/// What a counter has counted in one window.
pub(super) struct Counted {
    pub sum: i64,
    pub ends_at: i64,
}

#[async_trait]
impl Throttle for Memory {
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
        let mut state = self.state();
        let with_this = counts
            .iter()
            .map(|count| (*count, state.counted(&count.window(now)) + 1));
        let attempt = judge(with_this, now);
        if attempt == Attempt::Allowed {
            for count in counts {
                let Window { key, ends_at } = count.window(now);
                let counted = state.attempts.entry(key);
                counted.or_insert(Counted { sum: 0, ends_at }).sum += 1;
            }
        }
        Ok(attempt)
    }

    async fn settle_attempts(
        &self,
        forget: &[Count],
        give_back: &[Count],
        counted_at: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        for count in forget {
            state.attempts.remove(&count.window(counted_at).key);
        }
        for count in give_back {
            if let Some(counted) = state.attempts.get_mut(&count.window(counted_at).key) {
                counted.sum = (counted.sum - 1).max(0);
            }
        }
        Ok(())
    }
}

impl State {
    fn counted(&self, window: &Window) -> i64 {
        let counted = self.attempts.get(&window.key);
        counted.map_or(0, |counted| counted.sum)
    }
}
