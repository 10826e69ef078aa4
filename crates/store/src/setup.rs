//! The link that makes the first administrator: stored as a hash, used up by the act that makes
//! the administrator, void once there is one.

use async_trait::async_trait;

use crate::users::NewUser;
use crate::{SecretHash, StoreError};

#[async_trait]
pub trait Setup: Send + Sync {
    /// Stores a link, in place of any earlier one; `false` if there is an administrator.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn put_setup_link(
        &self,
        link: &SecretHash,
        expires_at: i64,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Whether a link would be accepted now.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn setup_link(&self, link: &SecretHash, now: i64) -> Result<SetupLinkState, StoreError>;

    /// Uses the link up and makes the administrator, in one act.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_administrator(
        &self,
        link: &SecretHash,
        user: &NewUser,
        now: i64,
    ) -> Result<SetupOutcome, StoreError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupLinkState {
    Valid,
    Unknown,
    Expired,
    /// There is an administrator: no link is ever valid again.
    AdministratorExists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupOutcome {
    Created,
    Refused(SetupLinkState),
    UsernameTaken,
    EmailTaken,
    SubjectTaken,
}
