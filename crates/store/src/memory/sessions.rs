//! Browser sessions and the client sessions beneath them.

use async_trait::async_trait;

use super::{Memory, State};
use crate::events::{Event, EventKind};
use crate::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionState, Sessions,
};
use crate::subjects::Status;
use crate::{SecretHash, SessionId, StoreError};

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
        state.sessions.insert(session.id, session.clone());
        state.emit(
            Event::new(EventKind::SessionStarted, now)
                .sub(&session.sub)
                .about(session.id),
        );
        Ok(())
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let mut state = self.state();
        let SessionState::Live(_) = state.session(&act.id, &act.presented, now) else {
            return Ok(RenewOutcome::Unknown);
        };
        let Some(session) = state.sessions.get_mut(&act.id) else {
            return Ok(RenewOutcome::Unknown);
        };
        session.secret = act.secret;
        session.user_epoch = act.user_epoch;
        session.auth_time = act.auth_time;
        session.amr.clone_from(&act.amr);
        session.acr.clone_from(&act.acr);
        session.proved_in = act.proved_in;
        session.expires_at = act.expires_at;
        let event = Event::new(EventKind::SessionRenewed, now)
            .sub(&session.sub)
            .about(act.id);
        state.emit(event);
        Ok(RenewOutcome::Renewed)
    }

    async fn session(
        &self,
        id: &SessionId,
        secret: &SecretHash,
        now: i64,
    ) -> Result<SessionState, StoreError> {
        Ok(self.state().session(id, secret, now))
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
        browser_session: &SessionId,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = (*browser_session, client_id.to_owned());
        let Some(ended) = state.client_sessions.remove(&key) else {
            return Ok(false);
        };
        let event = Event::new(EventKind::ClientSessionEnded, now);
        state.emit(event.client(client_id).about(ended.sid));
        Ok(true)
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let key = (*browser_session, client_id.to_owned());
        Ok(self.state().client_sessions.get(&key).cloned())
    }
}

impl State {
    fn session(&self, id: &SessionId, secret: &SecretHash, now: i64) -> SessionState {
        let Some(session) = self.sessions.get(id).filter(|s| s.secret.matches(secret)) else {
            return SessionState::Unknown;
        };
        if now >= session.expires_at {
            return SessionState::Expired;
        }
        let user = self.subjects.get(&session.sub);
        if !user.is_some_and(|u| u.epoch == session.user_epoch && u.status == Status::Active) {
            return SessionState::Ended;
        }
        SessionState::Live(Box::new(session.clone()))
    }

    /// A missing session has ended, so ending is forgetting.
    pub(super) fn end_session(&mut self, id: &SessionId, now: i64) -> Vec<ClientSession> {
        let Some(session) = self.sessions.remove(id) else {
            return Vec::new();
        };
        let ended = self
            .client_sessions
            .extract_if(|(browser_session, _), _| browser_session == id)
            .map(|(_, client_session)| client_session)
            .collect();
        self.emit(
            Event::new(EventKind::SessionEnded, now)
                .sub(&session.sub)
                .about(id),
        );
        ended
    }
}
