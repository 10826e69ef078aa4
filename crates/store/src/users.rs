//! Accounts: names, password hash, claims. If a deployment keeps them elsewhere, only
//! [`crate::subjects`] remains here.

mod update;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::subjects::Status;
use crate::{Epoch, StoreError};

pub use update::{
    EMAIL_VERIFIED, EmailVerified, Names, NoName, Replacement, Update, UpdateDecision, UpdateUser,
    UpdateUserOutcome, decide_update,
};

#[async_trait]
pub trait Users: Send + Sync {
    /// Writes account, subject row and names in one act.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_user(&self, user: &NewUser, now: i64) -> Result<CreateUserOutcome, StoreError>;

    /// The `sub` of the account with a normalised name ([`crate::names`]).
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn sub_named(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// What a sign-in verifies against. The caller has read the subject's standing before this: a
    /// new password is written before everything of the user ends, so that a sign-in that is
    /// verified with the old one carries an epoch that ends afterwards.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn credential(&self, sub: &str) -> Result<Option<Credential>, StoreError>;

    /// Reads the account of a `sub`.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn user(&self, sub: &str) -> Result<Option<User>, StoreError>;

    /// Finds an account by a normalised name.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError>;

    /// Changes an account, field by field, as [`decide_update`] says, if its names are free.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn update_user(
        &self,
        act: &UpdateUser,
        now: i64,
    ) -> Result<UpdateUserOutcome, StoreError>;

    /// Up to `limit` accounts with a `sub` after `after`, by `sub`.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Sets a new password; `false` if unknown. The caller must then end everything of the user
    /// ([`crate::subjects::Subjects::change_subject_standing`]).
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn set_password(
        &self,
        sub: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Replaces the hash of an unchanged password with a better one, if it is still `old`.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn upgrade_password_hash(
        &self,
        sub: &str,
        old: &str,
        new: &str,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Every set of parameters that a stored password hash was made with, once
    /// ([`hash_parameters`]): what a sign-in may cost.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn password_parameters(&self) -> Result<Vec<String>, StoreError>;

    /// Deletes the account and frees its names. The caller must have deleted the subject before,
    /// which ends everything of the user. `false` if unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn delete_user(&self, sub: &str, now: i64) -> Result<bool, StoreError>;
}

/// What a PHC string says of how its hash was made, without salt and hash:
/// `$argon2id$v=19$m=19456,t=2,p=1` of `$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA`.
#[must_use]
pub fn hash_parameters(phc: &str) -> &str {
    let mut parts = phc.rsplitn(3, '$');
    parts.nth(2).unwrap_or("")
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    pub user: User,
    pub epoch: Epoch,
    /// PHC string; `None` for an account that cannot sign in with a password.
    pub password_hash: Option<String>,
}

/// An account. `username` and `email` are as given; both are also kept normalised in one table of
/// unique names: no one's username is another's email, and neither is another's `sub`.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// 128 random bits, or what an import brought.
    pub sub: String,
    pub username: String,
    pub email: Option<String>,
    pub administrator: bool,
    /// As the subject's row has it; `Disabled` where that is deleted already.
    pub status: Status,
    /// Claims by their OIDC names (OpenID Connect Core 1.0, section 5.1) and the operator's own.
    pub claims: Map<String, Value>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateUserOutcome {
    Created,
    /// It is another account's name or `sub`, or no account can have it.
    UsernameTaken,
    /// It is another account's name or `sub`, or no account can have it.
    EmailTaken,
    /// The `sub` is or was a subject's or a client's, or is another account's name.
    SubjectTaken,
}

/// What a sign-in needs of an account.
#[derive(Clone)]
pub struct Credential {
    pub sub: String,
    /// PHC string; `None` for an account that cannot sign in with a password.
    pub password_hash: Option<String>,
}
