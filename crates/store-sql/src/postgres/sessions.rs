//! Browser sessions and the client sessions below them. Their statements are in [`session_row`].

use async_trait::async_trait;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::sessions::acts::{End, EndClientSession, Renew};
use countersign_store::sessions::shared::{SessionEngine, start_session};
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionView, Sessions,
};
use countersign_store::{ClientSessionId, SessionId, StoreError};

use super::Postgres;
use crate::rows::session;

#[async_trait]
impl Sessions for Postgres {
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        start_session(self, session, replaces, now).await
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        carry_out(self, &Renew(act), Hint::Unread, now).await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        self.session_view(id).await
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        carry_out(self, &End(*id), Hint::Unread, now).await
    }

    async fn end_client_session(
        &self,
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let Some(tree) = self.session_tree_with(sid).await? else {
            return Ok(false);
        };
        let act = EndClientSession {
            browser_session: tree.session.id,
            sid: *sid,
        };
        carry_out(self, &act, Hint::Read(Some(tree)), now).await
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let columns = session::CLIENT_SESSION_COLUMNS;
        self.one(
            "client session",
            &format!(
                "SELECT {columns} FROM client_sessions
                 WHERE browser_session = $1 AND client_id = $2"
            ),
            &[&&browser_session.as_bytes()[..], &client_id],
            |cells| session::read_client_session(cells),
        )
        .await
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        let columns = session::CLIENT_SESSION_COLUMNS;
        self.one(
            "client session",
            &format!("SELECT {columns} FROM client_sessions WHERE sid = $1"),
            &[&&sid.as_bytes()[..]],
            |cells| session::read_client_session(cells),
        )
        .await
    }
}

/// A `sid` leads to its session by its own row, which the session's commit writes.
impl SessionEngine for Postgres {}
