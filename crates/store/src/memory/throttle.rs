//! Counters of attempts.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::throttle::{Attempt, Count, Throttle, decide_all, give_back};

#[async_trait]
impl Throttle for Memory {
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
        let mut state = self.state();
        let stored: Vec<Option<i64>> = counts
            .iter()
            .map(|count| state.attempts.get(&count.key).copied())
            .collect();
        Ok(match decide_all(&stored, counts, now) {
            Ok(next) => {
                state
                    .attempts
                    .extend(counts.iter().map(|count| count.key).zip(next));
                Attempt::Allowed
            }
            Err(refused) => Attempt::Refused(refused),
        })
    }

    async fn settle_attempts(
        &self,
        forget: &[[u8; 32]],
        give_back_to: &[Count],
        _now: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        for key in forget {
            state.attempts.remove(key);
        }
        for count in give_back_to {
            if let Some(full_again_at) = state.attempts.get_mut(&count.key) {
                *full_again_at = give_back(*full_again_at, count.limit);
            }
        }
        Ok(())
    }
}
