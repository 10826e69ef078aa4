//! Logout calls in a map by `sid`.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{Memory, State};
use crate::logout::{
    ClientSessionsOf, DroppedLogoutCalls, ListedClientSession, LogoutCall, LogoutCallLimits,
    LogoutCallOutcome, LogoutCalls, NewLogoutCall, SettledLogoutCall,
};
use crate::sessions::ClientSession;
use crate::{ClientSessionId, StoreError};

pub(super) struct WaitingCall {
    call: LogoutCall,
    due_at: i64,
}

#[async_trait]
impl LogoutCalls for Memory {
    async fn client_sessions(
        &self,
        of: ClientSessionsOf<'_>,
        after: Option<&ClientSessionId>,
        limit: u32,
    ) -> Result<Vec<ListedClientSession>, StoreError> {
        let state = self.state();
        let sessions: Vec<&ClientSession> = match of {
            ClientSessionsOf::BrowserSession(id) => state.beneath(id).collect(),
            ClientSessionsOf::User(_) | ClientSessionsOf::Everyone => {
                state.client_sessions.values().collect()
            }
        };
        let mut listed: Vec<ListedClientSession> = sessions
            .into_iter()
            .filter(|session| after.is_none_or(|after| session.sid > *after))
            .filter_map(|session| state.listed(session))
            .filter(|listed| match of {
                ClientSessionsOf::User(sub) => listed.sub == sub,
                ClientSessionsOf::BrowserSession(_) | ClientSessionsOf::Everyone => true,
            })
            .collect();
        listed.sort_by_key(|listed| listed.session.sid);
        listed.truncate(limit as usize);
        Ok(listed)
    }

    async fn add_logout_calls(&self, calls: &[NewLogoutCall], now: i64) -> Result<(), StoreError> {
        let mut state = self.state();
        for new in calls {
            let waiting = || WaitingCall {
                call: LogoutCall {
                    sid: new.sid,
                    client_id: new.client_id.clone(),
                    sub: new.sub.clone(),
                    ended_at: new.ended_at,
                    attempts: 0,
                },
                due_at: now,
            };
            state.logout_calls.entry(new.sid).or_insert_with(waiting);
        }
        Ok(())
    }

    async fn clients_with_due_logout_calls(&self, now: i64) -> Result<Vec<String>, StoreError> {
        let state = self.state();
        let due = state.logout_calls.values().filter(|one| one.due_at <= now);
        let clients: BTreeSet<&str> = due.map(|one| one.call.client_id.as_str()).collect();
        Ok(clients.into_iter().map(str::to_owned).collect())
    }

    async fn claim_logout_calls(
        &self,
        client_id: &str,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<LogoutCall>, StoreError> {
        let mut state = self.state();
        let is_due = |one: &&mut WaitingCall| one.call.client_id == client_id && one.due_at <= now;
        let mut due: Vec<_> = state.logout_calls.values_mut().filter(is_due).collect();
        due.sort_by_key(|one| (one.due_at, one.call.sid));
        let claimed = due.into_iter().take(limit as usize).map(|one| {
            one.due_at = claimed_until;
            one.call.clone()
        });
        Ok(claimed.collect())
    }

    async fn settle_logout_calls(&self, settled: &[SettledLogoutCall]) -> Result<(), StoreError> {
        let mut state = self.state();
        for SettledLogoutCall { sid, outcome } in settled {
            match *outcome {
                LogoutCallOutcome::Finished => {
                    state.logout_calls.remove(sid);
                }
                LogoutCallOutcome::Again { attempts, due_at } => {
                    if let Some(waiting) = state.logout_calls.get_mut(sid) {
                        waiting.call.attempts = attempts;
                        waiting.due_at = due_at;
                    }
                }
            }
        }
        Ok(())
    }

    async fn drop_logout_calls(
        &self,
        limits: &LogoutCallLimits,
        batch: u32,
    ) -> Result<Vec<DroppedLogoutCalls>, StoreError> {
        let mut state = self.state();
        let mut kept: BTreeMap<String, u64> = BTreeMap::new();
        let mut dropped: BTreeMap<String, u64> = BTreeMap::new();
        let mut newest_first: Vec<_> = state.logout_calls.values().map(|one| &one.call).collect();
        newest_first.sort_by_key(|call| std::cmp::Reverse((call.ended_at, call.sid)));
        let mut excess = Vec::new();
        for call in newest_first {
            let kept = kept.entry(call.client_id.clone()).or_default();
            *kept += 1;
            if call.ended_at <= limits.oldest_ended_at || *kept > limits.max_per_client {
                excess.push((call.sid, call.client_id.clone()));
            }
        }
        for (sid, client_id) in excess.into_iter().rev().take(batch as usize) {
            state.logout_calls.remove(&sid);
            *dropped.entry(client_id).or_default() += 1;
        }
        let dropped = dropped.into_iter();
        Ok(dropped
            .map(|(client_id, calls)| DroppedLogoutCalls { client_id, calls })
            .collect())
    }
}

impl State {
    /// `None` if its browser session is gone.
    fn listed(&self, session: &ClientSession) -> Option<ListedClientSession> {
        let above = self.sessions.get(&session.browser_session)?;
        let user = self.subjects.get(&above.sub);
        Some(ListedClientSession {
            session: session.clone(),
            sub: above.sub.clone(),
            browser_session_ended: above.ended.is_some(),
            user_ended: user.is_none_or(|user| user.epoch != above.user_epoch),
        })
    }
}
