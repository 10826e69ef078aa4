//! Registered clients. Status and epoch are read from the store at every use; the rest may be
//! cached by `revision`, which every change of the row replaces.

use async_trait::async_trait;

use crate::subjects::Status;
use crate::{Epoch, SecretHash, StoreError};

/// The part of a client on which its grants' lives rest.
#[async_trait]
pub trait ClientEpochs: Send + Sync {
    /// `false` where the id is taken, by a client or by a subject (RFC 9068 5).
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError>;

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError>;

    /// Ends all grants of a client by a new epoch, and sets its status. `false` where unknown.
    async fn end_client(
        &self,
        client_id: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError>;
}

/// Managing clients.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Just what must be fresh, from the store: (epoch, status, revision).
    async fn client_standing(&self, client_id: &str) -> Result<Option<Standing>, StoreError>;

    /// Up to `limit` clients with an id after `after`, by id.
    async fn list_clients(&self, after: &str, limit: u32) -> Result<Vec<Client>, StoreError>;

    /// Changes a client, if it is still what the change rests on.
    async fn update_client(
        &self,
        act: &UpdateClient,
        now: i64,
    ) -> Result<UpdateClientOutcome, StoreError>;

    /// Allows a disabled client again; what ended stays ended. `false` where unknown.
    async fn enable_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError>;

    /// Deletes it; its grants end, and its id is never given to anybody else.
    async fn delete_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError>;
}

/// Change a client. What is `None` stays.
#[derive(Debug, Clone)]
pub struct UpdateClient {
    pub client_id: String,
    /// Of the client that was read.
    pub revision: i64,
    pub metadata: Option<String>,
    pub secret: Option<ClientSecret>,
    /// Ends the client's grants.
    pub epoch: Option<Epoch>,
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
    pub secret: ClientSecret,
    /// The client metadata of RFC 7591 as JSON.
    pub metadata: String,
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// What is kept of a client's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSecret {
    /// A client without one: public, or authenticated by a key.
    None,
    /// SHA-256 of a generated 256-bit secret.
    Hashed(SecretHash),
    /// The secret itself, sealed, for clients with a symmetric algorithm.
    Sealed(Vec<u8>),
}

/// The part of a client that is never cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub epoch: Epoch,
    pub status: Status,
    pub revision: i64,
}
