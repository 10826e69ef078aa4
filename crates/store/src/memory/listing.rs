//! Lists of grants and sessions, sorted when they are asked for.

use async_trait::async_trait;

use super::Memory;
use crate::grants::{Grant, GrantView};
use crate::listing::{Listing, WantedGrants};
use crate::sessions::{BrowserSession, SessionView};
use crate::{GrantId, SessionId, StoreError};

#[async_trait]
impl Listing for Memory {
    async fn list_grants(
        &self,
        wanted: &WantedGrants,
        after: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<GrantView>, StoreError> {
        let state = self.state();
        let behind = |grant: &&Grant| after.is_none_or(|after| grant.id > *after);
        let grants = state.grants.values().filter(behind);
        let mut ids: Vec<GrantId> = grants
            .filter(|grant| wanted.includes(grant))
            .map(|grant| grant.id)
            .collect();
        ids.sort_unstable();
        ids.truncate(limit as usize);
        Ok(ids.iter().filter_map(|id| state.view(id)).collect())
    }

    async fn list_sessions(
        &self,
        sub: Option<&str>,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionView>, StoreError> {
        let state = self.state();
        let behind = |session: &&BrowserSession| after.is_none_or(|after| session.id > *after);
        let sessions = state.sessions.values().filter(behind);
        let mut sessions: Vec<&BrowserSession> = sessions
            .filter(|session| sub.is_none_or(|sub| sub == session.sub))
            .collect();
        sessions.sort_unstable_by_key(|session| session.id);
        sessions.truncate(limit as usize);
        let view = |session: &BrowserSession| SessionView {
            user_lives: state.user_lives(session),
            session: session.clone(),
        };
        Ok(sessions.into_iter().map(view).collect())
    }
}
