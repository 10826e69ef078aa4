//! What no one can use any more is deleted, an hour after its last acceptable instant.

use async_trait::async_trait;

use super::{Memory, State};
use crate::events::{OutboxLimits, Undelivered};
use crate::{COLLECT_AFTER_SECONDS, Housekeeping, StoreError};

#[async_trait]
impl Housekeeping for Memory {
    /// Everything is in memory, so one pass takes all of it, whatever `batch` says.
    async fn collect(
        &self,
        limits: &OutboxLimits,
        _batch: u32,
        now: i64,
    ) -> Result<u64, StoreError> {
        let mut state = self.state();
        let state = &mut *state;
        let last = now - COLLECT_AFTER_SECONDS;
        let before = state.grants.len()
            + state.access_tokens.len()
            + state.denied_tokens.len()
            + state.sessions.len()
            + state.client_sessions.len()
            + state.device_requests.len()
            + state.attempts.len()
            + state.used_once.len()
            + state.personal_token_changes.len()
            + state.events.len();
        state.grants.retain(|_, grant| grant.keep_until > last);
        for grant in state.grants.values_mut() {
            let Some(family) = &mut grant.refresh else {
                continue;
            };
            if let Some(predecessor) = &mut family.predecessor
                && predecessor.grace_until < last
            {
                predecessor.sealed_successor.clear();
            }
        }
        state
            .access_tokens
            .retain(|_, token| token.expires_at > last);
        state.denied_tokens.retain(|_, until| *until > last);
        state
            .sessions
            .retain(|_, session| session.expires_at > last);
        let sessions = &state.sessions;
        state
            .client_sessions
            .retain(|(browser_session, _), _| sessions.contains_key(browser_session));
        state
            .device_requests
            .retain(|_, request| request.keep_until > last);
        state.attempts.retain(|_, counted| counted.ends_at > last);
        state.used_once.retain(|_, until| *until > last);
        let changes = &mut state.personal_token_changes;
        changes.retain(|_, change| change.by.keep_until > last);
        state.events.retain(|_, row| row.delivered_at.is_none());
        let excess = limits.excess(state.undelivered(limits, now), now);
        state.drop_oldest_events(excess);
        let after = state.grants.len()
            + state.access_tokens.len()
            + state.denied_tokens.len()
            + state.sessions.len()
            + state.client_sessions.len()
            + state.device_requests.len()
            + state.attempts.len()
            + state.used_once.len()
            + state.personal_token_changes.len()
            + state.events.len();
        Ok((before - after) as u64)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn clock_milliseconds(&self) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }
}

impl State {
    fn undelivered(&self, limits: &OutboxLimits, now: i64) -> Undelivered {
        let oldest_kept = limits.oldest_kept(now);
        let happened_at = || self.events.values().map(|row| row.event.at);
        Undelivered {
            events: self.events.len() as u64,
            too_old: happened_at().filter(|at| *at <= oldest_kept).count() as u64,
            oldest_at: happened_at().min(),
        }
    }

    fn drop_oldest_events(&mut self, excess: u64) {
        let mut ids: Vec<(i64, i64)> = self
            .events
            .iter()
            .map(|(id, row)| (row.event.at, *id))
            .collect();
        ids.sort_unstable();
        for (_, id) in ids.into_iter().take(excess as usize) {
            self.events.remove(&id);
        }
    }
}
