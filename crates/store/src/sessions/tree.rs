//! A browser session with its client sessions as one record, in an engine that others share: they
//! live and end together, so one version counts for all of them.

use std::collections::BTreeMap;

use super::{BrowserSession, ClientSession};
use crate::acts::Record;
use crate::{ActId, ClientSessionId, SessionId};

/// A browser session and its client sessions.
#[derive(Debug, Clone)]
pub struct SessionTree {
    pub session: BrowserSession,
    /// By client.
    pub client_sessions: BTreeMap<String, ClientSession>,
    pub written_by: ActId,
    moved: Option<String>,
}

impl Record for SessionTree {
    type Key = SessionId;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

impl SessionTree {
    /// A tree as it was read.
    pub fn read(
        session: BrowserSession,
        client_sessions: impl IntoIterator<Item = ClientSession>,
        written_by: ActId,
    ) -> SessionTree {
        let by_client = |session: ClientSession| (session.client_id.clone(), session);
        SessionTree {
            session,
            client_sessions: client_sessions.into_iter().map(by_client).collect(),
            written_by,
            moved: None,
        }
    }

    /// The client session of this name.
    pub fn named(&self, sid: &ClientSessionId) -> Option<&ClientSession> {
        self.client_sessions
            .values()
            .find(|session| session.sid == *sid)
    }

    /// The client session that an act has changed, if it changed one. No other differs from what
    /// was read, so an engine that keeps each in a row of its own writes this one alone.
    pub fn moved(&self) -> Option<&ClientSession> {
        self.client_sessions.get(self.moved.as_ref()?)
    }

    /// The tree after an act on the browser session itself.
    pub(super) fn with_session(mut self, session: BrowserSession, by: ActId) -> SessionTree {
        self.session = session;
        self.written_by = by;
        self
    }

    /// The tree after an act on one client session.
    pub(super) fn with(mut self, session: ClientSession, by: ActId) -> SessionTree {
        self.written_by = by;
        self.moved = Some(session.client_id.clone());
        self.client_sessions
            .insert(session.client_id.clone(), session);
        self
    }
}
