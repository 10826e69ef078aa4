//! Browser sessions (the cookie at the provider) and the client sessions beneath them.
//!
//! A session's id stays for life; the secret in the cookie rotates whenever the user proves again
//! who they are. A cookie holds one user: signing in as another ends the old session in that act.

use async_trait::async_trait;

use crate::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

#[async_trait]
pub trait Sessions: Send + Sync {
    /// Writes a new session and ends the one it replaces, in one act.
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError>;

    /// The same user proved again who they are: a new secret, a new `auth_time`, the same session.
    /// `Unknown` where the session ended (by its user's epoch or status too) or expired, or where
    /// its secret is no longer `presented`: what ended does not come back.
    async fn renew_session(&self, act: &RenewSession, now: i64)
    -> Result<RenewOutcome, StoreError>;

    /// Reads the session of a cookie, with every epoch that what hangs below it will carry.
    async fn session(
        &self,
        id: &SessionId,
        secret: &SecretHash,
        now: i64,
    ) -> Result<SessionState, StoreError>;

    /// Ends a session, its client sessions and their online grants (all by its epoch), and answers
    /// which client sessions there were.
    async fn end_session(&self, id: &SessionId, now: i64)
    -> Result<Vec<ClientSession>, StoreError>;

    /// Ends one client session and its online grants; `false` where there was none.
    async fn end_client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// The client session of (browser session, client), if there is one.
    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError>;
}

/// A browser session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    pub id: SessionId,
    pub secret: SecretHash,
    pub epoch: Epoch,
    pub sub: String,
    /// The user's epoch, from the read that verified the password.
    pub user_epoch: Epoch,
    /// When the user last proved who they are, Unix seconds.
    pub auth_time: i64,
    pub amr: Vec<String>,
    pub acr: Option<String>,
    /// The authorization in which that proof was given, if any: what `prompt=login` asks for.
    pub proved_in: Option<GrantId>,
    pub created_at: i64,
    /// Refused from this second on.
    pub expires_at: i64,
}

/// One client's part of a browser session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSession {
    pub sid: ClientSessionId,
    pub epoch: Epoch,
    pub browser_session: SessionId,
    pub client_id: String,
    pub created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// The cookie is good: the session's user is active and has the epoch the session remembers.
    Live(Box<BrowserSession>),
    /// No such session, or a wrong secret to one.
    Unknown,
    Expired,
    /// The user's epoch is another one now: password changed, disabled, deleted.
    Ended,
}

#[derive(Debug, Clone)]
pub struct RenewSession {
    pub id: SessionId,
    pub presented: SecretHash,
    pub secret: SecretHash,
    /// The user's epoch from the read that verified the new proof.
    pub user_epoch: Epoch,
    pub auth_time: i64,
    pub amr: Vec<String>,
    pub acr: Option<String>,
    pub proved_in: Option<GrantId>,
    pub expires_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewOutcome {
    Renewed,
    Unknown,
}
