//! What tells applications that a session has ended (OpenID Connect Back-Channel Logout 1.0): the
//! client sessions that an ending concerns, and one record for each call that is still to be made.
//!
//! A call is named by the `sid` of the client session that ended. A client session ends once, so
//! adding its call again adds nothing, and an ending may be read and worked off a second time. The
//! record stays until the application has taken the call.
//!
//! `due_at` is a lease as well: a claim moves it to the end of the claim, so a call whose claimant
//! has died is due again by itself, to any replica.

use async_trait::async_trait;

use crate::sessions::ClientSession;
use crate::{ClientSessionId, SessionId, StoreError};

/// The acts on which logout notifications rest. Each is atomic, and durable when it returns.
#[async_trait]
pub trait LogoutCalls: Send + Sync {
    /// Client sessions in the order of their `sid`, after `after`, at most `limit`: ended ones too.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn client_sessions(
        &self,
        of: ClientSessionsOf<'_>,
        after: Option<&ClientSessionId>,
        limit: u32,
    ) -> Result<Vec<ListedClientSession>, StoreError>;

    /// Adds calls, due at once. One that is there already stays as it is.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails; then none was added.
    async fn add_logout_calls(&self, calls: &[NewLogoutCall], now: i64) -> Result<(), StoreError>;

    /// The clients that have a call which is due, in the order of their ids.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn clients_with_due_logout_calls(&self, now: i64) -> Result<Vec<String>, StoreError>;

    /// Claims up to `limit` due calls of one client until `claimed_until`, those that have waited
    /// longest first. From then on they are due again, unless they were settled.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn claim_logout_calls(
        &self,
        client_id: &str,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<LogoutCall>, StoreError>;

    /// Records what became of claimed calls.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails; then nothing was recorded.
    async fn settle_logout_calls(&self, settled: &[SettledLogoutCall]) -> Result<(), StoreError>;

    /// Deletes up to `batch` calls that exceed the limits, the oldest endings first, and returns
    /// how many of which client. Fewer than `batch` means that the rest is within the limits.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn drop_logout_calls(
        &self,
        limits: &LogoutCallLimits,
        batch: u32,
    ) -> Result<Vec<DroppedLogoutCalls>, StoreError>;
}

/// Whose client sessions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientSessionsOf<'a> {
    User(&'a str),
    BrowserSession(&'a SessionId),
    Everyone,
}

/// A client session with what decides whether it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClientSession {
    pub session: ClientSession,
    pub sub: String,
    /// Whether its browser session was ended by an act of its own.
    pub browser_session_ended: bool,
    /// Whether its user's epoch is no longer the one that the browser session carries: everything
    /// of the user was ended.
    pub user_ended: bool,
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogoutCall {
    pub sid: ClientSessionId,
    pub client_id: String,
    pub sub: String,
    /// When the session ended, Unix seconds.
    pub ended_at: i64,
}

/// A call that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutCall {
    pub sid: ClientSessionId,
    pub client_id: String,
    pub sub: String,
    pub ended_at: i64,
    /// How often it was tried and failed.
    pub attempts: u32,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledLogoutCall {
    pub sid: ClientSessionId,
    pub outcome: LogoutCallOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutCallOutcome {
    /// It was taken, or given up: the record goes.
    Finished,
    /// It is due again from `due_at` on, Unix seconds.
    Again { attempts: u32, due_at: i64 },
}

/// How many calls are kept until they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogoutCallLimits {
    /// Calls for sessions that ended then or before are dropped, Unix seconds.
    pub oldest_ended_at: i64,
    pub max_per_client: u64,
}

/// Calls that were dropped, of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedLogoutCalls {
    pub client_id: String,
    pub calls: u64,
}
