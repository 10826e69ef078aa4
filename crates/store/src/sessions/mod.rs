//! Browser sessions (the cookie at the provider) and the client sessions below them.
//!
//! A browser session is one record with one id, however often its cookie's secret changes. The
//! secrets form a [family](crate::secret_family): an earlier one signs no one in, but it names the
//! session, so that a new proof by the same user renews that session in place, a sign-in by another
//! user replaces it, and a sign-out ends it.
//!
//! What an act decides is in its file: [`decide_start`] and [`decide_renewal`] in `signed_in.rs`,
//! [`decide_end_session`] and [`decide_end_client_session`] in `ending.rs`, [`decide_join`] in
//! `join.rs`, and what a presented secret is worth ([`SessionView::state`]) in `state.rs`. An
//! engine that others share keeps a [`SessionTree`] (`tree.rs`) and carries out the acts of
//! `acts.rs` and `shared.rs`.

pub mod acts;
mod ending;
mod join;
pub mod shared;
mod signed_in;
mod state;
mod tree;

use async_trait::async_trait;

use crate::secret_family::MacKey;
use crate::{ActId, ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};

pub use ending::{decide_end_client_session, decide_end_session};
pub use join::{JoinSession, decide_join};
pub use signed_in::{RenewOutcome, RenewSession, decide_renewal, decide_start};
pub use state::{SessionState, SessionView};
pub use tree::SessionTree;

/// The format in which this program writes sessions, of browsers and of clients. It reads this one
/// and older ones; a newer one is [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

/// The acts on sessions. Each is atomic, and is durable when it returns.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Writes a new session and ends the one that it replaces: that one first where the two are
    /// not one step, so that no browser ever has two. See [`decide_start`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError>;

    /// The session's own user has given a fresh proof: a new secret, a new `auth_time`, the same
    /// session. See [`decide_renewal`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn renew_session(&self, act: &RenewSession, now: i64)
    -> Result<RenewOutcome, StoreError>;

    /// Reads a session and whether its user's epoch is still the one that it carries.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError>;

    /// Ends a session, its client sessions and their online grants, all by its epoch. Returns which
    /// client sessions there were, if it was this act that ended it. See [`decide_end_session`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn end_session(&self, id: &SessionId, now: i64)
    -> Result<Vec<ClientSession>, StoreError>;

    /// Ends one client session and its online grants. Returns whether it was this act that ended
    /// it: `false` if there is none, or where it had ended. See [`decide_end_client_session`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn end_client_session(&self, sid: &ClientSessionId, now: i64)
    -> Result<bool, StoreError>;

    /// The last client session of (browser session, client), ended ones too.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError>;

    /// The client session that a client knows by this `sid`, and so its browser session. What leads
    /// here is written before anything carries the `sid`.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError>;
}

/// A browser session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    pub id: SessionId,
    /// Makes and recognises the secrets of its cookie; never changes.
    pub mac_key: MacKey,
    /// The current secret of its cookie. Each sign-in brings another.
    pub secret: SecretHash,
    pub epoch: Epoch,
    pub sub: String,
    /// The user's epoch, read before the credential was verified.
    pub user_epoch: Epoch,
    /// When the user last proved who they are, Unix seconds.
    pub auth_time: i64,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    pub acr: Option<String>,
    /// The authorization in which that proof was given, if any: what `prompt=login` asks for.
    pub proved_in: Option<GrantId>,
    pub created_at: i64,
    /// Refused from this second on.
    pub expires_at: i64,
    pub ended: Option<SessionEnd>,
}

/// One client's part of a browser session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSession {
    pub sid: ClientSessionId,
    pub epoch: Epoch,
    pub browser_session: SessionId,
    pub client_id: String,
    pub created_at: i64,
    pub ended: Option<SessionEnd>,
}

/// When a session ended, Unix seconds, and by which act: kept, so that an act whose response was
/// lost finds itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEnd {
    pub at: i64,
    pub by: ActId,
}
