//! Browser sessions and the client sessions below them.

use async_trait::async_trait;

use super::{Memory, State, next_act};
use crate::acts::{Decision, Write};
use crate::sessions::JoinSession;
use crate::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionView, Sessions,
    decide_end_client_session, decide_end_session, decide_join, decide_renewal, decide_start,
};
use crate::{ClientSessionId, SessionId, StoreError};

#[async_trait]
impl Sessions for Memory {
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(old) = replaces {
            state.end_session(old, now);
        }
        let found = state.sessions.get(&session.id).cloned();
        let decision = decide_start(found, session, now);
        state.write_session(decision, false);
        Ok(())
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let mut state = self.state();
        let found = state.sessions.get(&act.id).cloned();
        let user_has_ended = found
            .as_ref()
            .is_some_and(|session| !state.user_lives(session));
        let decision = decide_renewal(found, act, now);
        Ok(state.write_session(decision, user_has_ended))
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        let state = self.state();
        let session = state.sessions.get(id).cloned();
        Ok(session.map(|session| SessionView {
            user_lives: state.user_lives(&session),
            session,
        }))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        Ok(self.state().end_session(id, now))
    }

    async fn end_client_session(
        &self,
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let found = state.client_session_named(sid);
        let above = found
            .as_ref()
            .and_then(|session| state.sessions.get(&session.browser_session));
        let decision = decide_end_client_session(above, found.clone(), next_act(), now);
        Ok(state.write_client_session(decision))
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let key = (*browser_session, client_id.to_owned());
        Ok(self.state().client_sessions.get(&key).cloned())
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        Ok(self.state().client_session_named(sid))
    }
}

impl State {
    pub(super) fn user_lives(&self, session: &BrowserSession) -> bool {
        let subject = self.subjects.get(&session.sub);
        subject.is_some_and(|subject| subject.standing().accepts(&session.user_epoch))
    }

    fn client_session_named(&self, sid: &ClientSessionId) -> Option<ClientSession> {
        let mut all = self.client_sessions.values();
        all.find(|session| session.sid == *sid).cloned()
    }

    fn end_session(&mut self, id: &SessionId, now: i64) -> Vec<ClientSession> {
        let found = self.sessions.get(id).cloned();
        let decision = decide_end_session(found, next_act(), now);
        if !self.write_session(decision, false) {
            return Vec::new();
        }
        let live = self.beneath(id).filter(|one| one.ended.is_none());
        live.cloned().collect()
    }

    /// The client sessions of a browser session.
    pub(super) fn beneath(&self, id: &SessionId) -> impl Iterator<Item = &ClientSession> {
        let from = self.client_sessions.range((*id, String::new())..);
        from.map(|(_, session)| session)
            .take_while(|session| session.browser_session == *id)
    }

    /// Gets or makes the client session of (browser session, client).
    pub(super) fn join_session(
        &mut self,
        act: &JoinSession,
        client_id: &str,
        now: i64,
    ) -> ClientSession {
        let key = (act.browser_session, client_id.to_owned());
        let found = self.client_sessions.get(&key).cloned();
        let browser_session = self.sessions.get(&act.browser_session);
        let decision = decide_join(browser_session, found, act, client_id, now);
        self.write_client_session(decision)
    }

    fn write_session<O>(
        &mut self,
        decision: Decision<BrowserSession, O>,
        user_has_ended: bool,
    ) -> O {
        let what_ended = user_has_ended.then_some(crate::grants::WhatEnded::User);
        let (write, outcome) = decision.under(what_ended);
        if let Write::Record(change) = write {
            self.sessions.insert(change.record.id, change.record);
            self.tell(change.event);
        }
        outcome
    }

    fn write_client_session<O>(&mut self, decision: Decision<ClientSession, O>) -> O {
        let (write, outcome) = decision.under(None);
        if let Write::Record(change) = write {
            let session = change.record;
            let key = (session.browser_session, session.client_id.clone());
            self.client_sessions.insert(key, session);
            self.tell(change.event);
        }
        outcome
    }
}
