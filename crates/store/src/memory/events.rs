//! The outbox as a list: an event is there when its act has returned.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::events::{Events, StoredEvent};

#[async_trait]
impl Events for Memory {
    async fn claim_events(
        &self,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let mut state = self.state();
        let free = state
            .events
            .values_mut()
            .filter(|row| row.delivered_at.is_none() && row.claimed_until <= now)
            .take(limit as usize);
        Ok(free
            .map(|row| {
                row.claimed_until = claimed_until;
                row.event.clone()
            })
            .collect())
    }

    async fn finish_events(&self, ids: &[i64], now: i64) -> Result<(), StoreError> {
        let mut state = self.state();
        for id in ids {
            if let Some(row) = state.events.get_mut(id) {
                row.delivered_at = Some(now);
            }
        }
        Ok(())
    }
}
