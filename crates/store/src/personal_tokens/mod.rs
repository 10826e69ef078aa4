//! API tokens that users make for their own programs, and their history.
//!
//! Such a token is a grant of its user ([`Origin::Personal`](crate::grants::Origin)) that belongs
//! to no session, with one access token that lasts as long as the grant. A token that is issued
//! under it is an access token of the same grant, and so ends with it. Every act records a
//! [`Change`] in the same step.

mod decide;

use async_trait::async_trait;

use crate::consents::ConsentStep;
use crate::grants::{EndCause, Grant, GrantView, NewGrant};
use crate::{GrantId, SecretHash, StoreError};

pub use decide::{Decided, decide_creation, decide_revocation, decide_update};

/// The acts on personal tokens. Each is atomic, and durable when it returns.
#[async_trait]
pub trait PersonalTokens: Send + Sync {
    /// Makes a token: writes the consent, the grant, its access token and the change. See
    /// [`decide_creation`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_personal_token(
        &self,
        act: &CreatePersonalToken,
        now: i64,
    ) -> Result<CreatePersonalTokenOutcome, StoreError>;

    /// Changes a token's name or expiry. See [`decide_update`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn update_personal_token(
        &self,
        act: &UpdatePersonalToken,
        now: i64,
    ) -> Result<UpdatePersonalTokenOutcome, StoreError>;

    /// Ends a token, and everything that was issued under it. See [`decide_revocation`].
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn revoke_personal_token(
        &self,
        act: &RevokePersonalToken,
        now: i64,
    ) -> Result<RevokePersonalTokenOutcome, StoreError>;

    /// All stored tokens of a user, including ended and expired ones, by id.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn personal_tokens_of(&self, sub: &str) -> Result<Vec<GrantView>, StoreError>;

    /// Up to `limit` changes, latest first.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn personal_token_changes(
        &self,
        wanted: &WantedChanges,
        limit: u32,
    ) -> Result<Vec<StoredChange>, StoreError>;
}

/// Make a token.
#[derive(Debug, Clone)]
pub struct CreatePersonalToken {
    /// Without a session, and not refreshable.
    pub grant: NewGrant,
    pub name: String,
    /// The hash of the token's secret.
    pub token: SecretHash,
    pub consent: ConsentStep,
    /// How many tokens the user may have at once.
    pub max_per_user: u32,
    pub by: ChangedBy,
}

/// The outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatePersonalTokenOutcome {
    Created,
    /// Another token of the user that has not ended has this name.
    NameTaken,
    /// The user has the maximum number of tokens.
    TooMany,
}

/// Change a token. A field that is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct UpdatePersonalToken {
    pub id: GrantId,
    /// Only if it is this user's.
    pub sub: String,
    pub name: Option<String>,
    pub expires_at: Option<i64>,
    pub by: ChangedBy,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum UpdatePersonalTokenOutcome {
    Updated(Box<Grant>),
    /// Another token of the user that has not ended has this name.
    NameTaken,
    /// It has ended or expired, which is final.
    Over,
    /// The user has no such token.
    Unknown,
}

/// End a token.
#[derive(Debug, Clone)]
pub struct RevokePersonalToken {
    pub id: GrantId,
    /// Only if it is this user's.
    pub sub: String,
    pub cause: EndCause,
    pub by: ChangedBy,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum RevokePersonalTokenOutcome {
    Revoked(Box<Grant>),
    /// The grant itself had already ended.
    AlreadyEnded,
    /// The user has no such token.
    Unknown,
}

/// Who changes a token, and how long the change is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedBy {
    /// The actor, as in the log.
    pub actor: String,
    /// The network address that the request came from.
    pub address: Option<String>,
    /// The change is collected [`crate::COLLECT_AFTER_SECONDS`] after that.
    pub keep_until: i64,
}

/// A change of a token. The name and the expiry are the new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub token: GrantId,
    pub sub: String,
    pub kind: ChangeKind,
    pub at: i64,
    pub by: ChangedBy,
    pub name: String,
    pub scope: String,
    pub expires_at: i64,
    /// The previous name, if it changed.
    pub old_name: Option<String>,
    /// The previous expiry, if it changed.
    pub old_expires_at: Option<i64>,
}

/// How a token changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    Created,
    Updated,
    Revoked,
}

impl ChangeKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Updated => "updated",
            ChangeKind::Revoked => "revoked",
        }
    }

    /// Reads the text of a row.
    pub fn parse(text: &str) -> Option<ChangeKind> {
        [
            ChangeKind::Created,
            ChangeKind::Updated,
            ChangeKind::Revoked,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// A change with its number in the history. Numbers grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    pub id: i64,
    pub change: Change,
}

/// A filter for changes. A field that is `None` matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedChanges {
    pub sub: Option<String>,
    pub token: Option<GrantId>,
    /// Only changes before this number, which is the last one of the previous page.
    pub before: Option<i64>,
}

impl WantedChanges {
    /// Whether a change matches.
    pub fn includes(&self, stored: &StoredChange) -> bool {
        let change = &stored.change;
        self.sub.as_ref().is_none_or(|sub| *sub == change.sub)
            && self.token.is_none_or(|token| token == change.token)
            && self.before.is_none_or(|before| stored.id < before)
    }
}
