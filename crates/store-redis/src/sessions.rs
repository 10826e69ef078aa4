//! Browser sessions and the client sessions below them: one record ([`SessionTree`]), and for
//! each client session a key that leads from its `sid` to the record.

use async_trait::async_trait;
use countersign_store::acts::shared::{Engine, Hint, carry_out};
use countersign_store::sessions::acts::{End, EndClientSession, Renew};
use countersign_store::sessions::shared::{SessionEngine, start_session};
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionTree, SessionView, Sessions,
};
use countersign_store::{ClientSessionId, SessionId, StoreError};

use crate::{Redis, garbage_after};

#[async_trait]
impl Sessions for Redis {
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
        let outcome = carry_out(self, &Renew(act), Hint::Unread, now).await?;
        // The session lives longer now, and so must the keys that lead to it.
        if let RenewOutcome::Renewed(session) = &outcome
            && let Some(tree) = self.session_tree(&act.id).await?
        {
            for client_session in tree.client_sessions.values() {
                self.index(&client_session.sid, session).await?;
            }
        }
        Ok(outcome)
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        let Some(SessionTree { session, .. }) = self.session_tree(id).await? else {
            return Ok(None);
        };
        Ok(Some(SessionView {
            user_lives: self
                .standing_accepts(&session.sub, &session.user_epoch)
                .await?,
            session,
        }))
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
        let Some(browser_session) = self.session_with(sid).await? else {
            return Ok(false);
        };
        let act = EndClientSession {
            browser_session,
            sid: *sid,
        };
        carry_out(self, &act, Hint::Unread, now).await
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let tree = self.session_tree(browser_session).await?;
        Ok(tree.and_then(|mut tree| tree.client_sessions.remove(client_id)))
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        let Some(id) = self.session_with(sid).await? else {
            return Ok(None);
        };
        let tree = self.session_tree(&id).await?;
        Ok(tree.and_then(|tree| tree.named(sid).cloned()))
    }
}

/// A key of its own, in the partition of the `sid`. It lives as long as the session.
#[async_trait]
impl SessionEngine for Redis {
    async fn index(
        &self,
        sid: &ClientSessionId,
        session: &BrowserSession,
    ) -> Result<(), StoreError> {
        let mut writes = redis::pipe();
        writes
            .cmd("SET")
            .arg(self.keys.client_session(sid))
            .arg(session.id.as_bytes().as_slice())
            .arg("PXAT")
            .arg(garbage_after(session.expires_at))
            .ignore();
        self.read(&writes).await
    }
}

impl Redis {
    async fn session_tree(&self, id: &SessionId) -> Result<Option<SessionTree>, StoreError> {
        Engine::<SessionTree>::read(self, id).await
    }

    /// The browser session that has, or had, a client session of this name.
    async fn session_with(&self, sid: &ClientSessionId) -> Result<Option<SessionId>, StoreError> {
        let mut reads = redis::pipe();
        reads.get(self.keys.client_session(sid));
        let (found,): (Option<Vec<u8>>,) = self.read(&reads).await?;
        Ok(found.as_deref().and_then(SessionId::from_slice))
    }
}
