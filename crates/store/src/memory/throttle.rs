use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::throttle::{Attempt, Limit, Throttle, decide};

#[async_trait]
impl Throttle for Memory {
    async fn count_attempt(
        &self,
        key: &[u8; 32],
        limit: Limit,
        now: i64,
    ) -> Result<Attempt, StoreError> {
        let mut state = self.state();
        Ok(match decide(state.attempts.get(key).copied(), limit, now) {
            Ok(full_again_at) => {
                state.attempts.insert(*key, full_again_at);
                Attempt::Allowed
            }
            Err(refused) => refused,
        })
    }

    async fn forget_attempts(&self, key: &[u8; 32], _now: i64) -> Result<(), StoreError> {
        self.state().attempts.remove(key);
        Ok(())
    }
}
