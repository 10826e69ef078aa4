//! Registered clients. Status and epoch are read from the store at every use; the rest may be
//! cached by `revision`, which every change of the row replaces.

mod secrets;

use async_trait::async_trait;

use crate::standing::{Standing, StandingChange, StandingOutcome, Status};
use crate::users::Replacement;
use crate::{Epoch, StoreError};

pub use secrets::{ClientSecret, ClientSecrets, KeptSecret, MAX_CLIENT_SECRETS};

/// The format in which this program writes clients. It reads this one and older ones; a newer one
/// is
/// [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

/// The acts on a client that its grants depend on: the only ones that write its epoch.
#[async_trait]
pub trait ClientEpochs: Send + Sync {
    /// Writes a client. `false` if the id is taken, by a client or by a subject (RFC 9068, section
    /// 5).
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError>;

    /// Reads a client.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError>;

    /// Ends all grants of a client, disables or enables it, as
    /// [`decide_standing`](crate::standing::decide_standing) says.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn change_client_standing(
        &self,
        client_id: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError>;
}

/// Managing clients. None of this writes an epoch.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Only what must be fresh, from the store.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn client_standing(&self, client_id: &str) -> Result<Option<ClientStanding>, StoreError>;

    /// Up to `limit` clients with an id after `after`, by id.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn list_clients(&self, after: &str, limit: u32) -> Result<Vec<Client>, StoreError>;

    /// Changes a client, if it is still what the change was based on. If the change takes away from
    /// what was issued before, the caller must end the client's grants afterwards.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn update_client(
        &self,
        act: &UpdateClient,
        now: i64,
    ) -> Result<UpdateClientOutcome, StoreError>;

    /// Keeps the same secrets in another form, sealed under another master key, if the client still
    /// has that revision. To everyone else it stays what it was: nothing is told of it.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn reseal_client_secrets(
        &self,
        client_id: &str,
        revision: i64,
        secrets: &ClientSecrets,
    ) -> Result<UpdateClientOutcome, StoreError>;

    /// Deletes it: its grants end with it, and its id is never given again. `false` if unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn delete_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError>;
}

/// The metadata of a client of which only the id is known, because an operator disabled it before
/// anyone used it. Its id is always the address of a metadata document.
pub const UNSEEN_METADATA: &str = "{}";

/// Change a client. What is `None` stays.
#[derive(Debug, Clone)]
pub struct UpdateClient {
    pub client_id: String,
    /// Of the client that was read.
    pub revision: i64,
    pub metadata: Option<String>,
    pub secrets: Option<ClientSecrets>,
    pub owner: Option<Replacement<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateClientOutcome {
    Updated,
    /// It has another revision now. Nothing changed.
    ChangedMeanwhile,
    Unknown,
}

/// A client as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub client_id: String,
    pub epoch: Epoch,
    pub status: Status,
    pub secrets: ClientSecrets,
    /// The client metadata of RFC 7591 as JSON.
    pub metadata: String,
    /// The `sub` of the user to whom the client belongs, as an operator noted it. Nothing of the
    /// client ends with that user.
    pub owner: Option<String>,
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Client {
    pub fn standing(&self) -> Standing {
        Standing {
            epoch: self.epoch,
            status: self.status,
        }
    }
}

/// The part of a client that is never cached, and what tells whether the rest is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientStanding {
    pub epoch: Epoch,
    pub status: Status,
    pub revision: i64,
}
