//! Accounts: names, password hash, claims. Where a deployment keeps them elsewhere, only
//! [`crate::subjects`] remains here.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::subjects::Status;
use crate::{Epoch, StoreError};

#[async_trait]
pub trait Users: Send + Sync {
    /// Writes account, subject row and names in one act.
    async fn create_user(&self, user: &NewUser, now: i64) -> Result<CreateUserOutcome, StoreError>;

    /// The `sub` of the account with a normalised name ([`crate::names`]).
    ///
    /// # Errors
    /// [`StoreError`], where the store failed.
    async fn sub_named(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// What a sign-in verifies against. The caller has read the subject's standing before this: a
    /// new password is written before everything of the user ends, so that whoever is verified by
    /// the old one carries an epoch that is ended after it.
    ///
    /// # Errors
    /// [`StoreError`], where the store failed.
    async fn credential(&self, sub: &str) -> Result<Option<Credential>, StoreError>;

    async fn user(&self, sub: &str) -> Result<Option<User>, StoreError>;

    /// Finds an account by a normalised name.
    async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError>;

    /// Up to `limit` accounts with a `sub` after `after`, by `sub`.
    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Sets a new password; `false` where unknown. Its caller then ends everything of the user
    /// ([`crate::subjects::Subjects::change_subject_standing`]), and only then is done.
    ///
    /// # Errors
    /// [`StoreError`], where the store failed.
    async fn set_password(
        &self,
        sub: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Replaces the hash of an unchanged password by a better one, if it still is `old`.
    async fn upgrade_password_hash(
        &self,
        sub: &str,
        old: &str,
        new: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Deletes the account and frees its names. Its caller has deleted the subject before, which
    /// ends everything of the user. `false` where unknown.
    ///
    /// # Errors
    /// [`StoreError`], where the store failed.
    async fn delete_user(&self, sub: &str, now: i64) -> Result<bool, StoreError>;
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    pub user: User,
    pub epoch: Epoch,
    /// PHC string; `None` for an account that cannot sign in with a password.
    pub password_hash: Option<String>,
}

/// An account. `username` and `email` are as given; both also stand normalised in the table of
/// unique names, so that nobody's username is another's email.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// 128 random bits, or what an import brought.
    pub sub: String,
    pub username: String,
    pub email: Option<String>,
    pub administrator: bool,
    /// As the subject's row has it; `Disabled` where that is deleted already.
    pub status: Status,
    /// Claims by their OIDC names (OIDC Core 5.1) and the operator's own.
    pub claims: Map<String, Value>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateUserOutcome {
    Created,
    UsernameTaken,
    EmailTaken,
    /// The `sub` is or was somebody's, or is a client's id.
    SubjectTaken,
}

/// What a sign-in needs of an account.
#[derive(Clone)]
pub struct Credential {
    pub sub: String,
    /// PHC string; `None` for an account that cannot sign in with a password.
    pub password_hash: Option<String>,
}
