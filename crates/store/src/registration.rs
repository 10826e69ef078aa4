//! Clients that registered themselves (RFC 7591) and manage their registration (RFC 7592), and the
//! initial access tokens by which an operator lets them.
//!
//! A registration is a record beside the client's: the hash of the registration access token, and
//! whether an operator vouched for the client. A client that the operator registered has none.

use async_trait::async_trait;

use crate::clients::Client;
use crate::{SecretHash, StoreError};

/// Registrations, and the tokens that allow them.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// Writes a client with its registration, and uses its initial access token once, if it has
    /// one: all of it or nothing.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn register_client(
        &self,
        act: &RegisterClient,
        now: i64,
    ) -> Result<RegisterOutcome, StoreError>;

    /// The registration of a client; `None` if the operator registered it, or if it is unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn registration(&self, client_id: &str) -> Result<Option<Registration>, StoreError>;

    /// Replaces the registration access token, if `presented` is accepted; that one becomes the
    /// predecessor. `false` otherwise.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn rotate_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
        next: &SecretHash,
    ) -> Result<bool, StoreError>;

    /// Forgets the predecessor once its successor, `presented`, has been used: its holder has it.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn settle_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
    ) -> Result<(), StoreError>;

    /// Writes down whether an operator vouches for a client that registered itself. `false` if
    /// there is no such registration. A copy of the client counts until its revision changes.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn set_vouched(&self, client_id: &str, vouched: bool) -> Result<bool, StoreError>;

    /// Writes an initial access token.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_initial_access_token(
        &self,
        token: &InitialAccessToken,
        now: i64,
    ) -> Result<(), StoreError>;

    /// All initial access tokens, by name, those that are used up or expired too.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn initial_access_tokens(&self) -> Result<Vec<InitialAccessToken>, StoreError>;

    /// Deletes an initial access token by its id: clients that it registered stay. `false` if
    /// unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn delete_initial_access_token(&self, id: &str, now: i64) -> Result<bool, StoreError>;
}

/// A client that registers itself.
#[derive(Debug, Clone)]
pub struct RegisterClient {
    pub client: Client,
    pub registration: Registration,
    /// The initial access token that was presented.
    pub initial_access_token: Option<SecretHash>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterOutcome {
    Registered,
    /// The id is taken, by a client or by a subject (RFC 9068, section 5).
    ClientIdTaken,
    /// The initial access token is unknown, expired or used up. Nothing was written.
    TokenRefused,
}

/// What is kept of a registration, beside the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// Of the registration access token (RFC 7592, section 3).
    pub token: SecretHash,
    /// The token that it replaced, accepted until the new one is used: the response that had the
    /// new one may have been lost.
    pub predecessor: Option<SecretHash>,
    /// Whether an operator vouches for the client, by an initial access token or since.
    pub vouched: bool,
}

impl Registration {
    /// Whether a registration access token of that hash is accepted.
    pub fn accepts(&self, presented: &SecretHash) -> bool {
        self.token == *presented || self.predecessor == Some(*presented)
    }
}

/// A token that an operator hands out to register clients with (RFC 7591, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// By which an operator names it; no secret.
    pub id: String,
    pub hash: SecretHash,
    /// What the operator wrote beside it.
    pub note: Option<String>,
    /// Refused from this second on; `None` without an end.
    pub expires_at: Option<i64>,
    /// How many clients it may still register; `None` without a limit.
    pub uses_left: Option<i64>,
    pub created_at: i64,
}

impl InitialAccessToken {
    /// Whether it may register a client now.
    pub fn is_valid(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|end| now < end) && self.uses_left.is_none_or(|left| left > 0)
    }
}
