//! Clients, as far as their grants depend on them.

use async_trait::async_trait;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::clients::{Client, ClientEpochs, ClientSecret};
use countersign_store::principals::{Create, Kind, Principal};
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::{Epoch, SecretHash, StoreError};

use crate::Redis;
use crate::fields::{Fields, NewFields};
use crate::principals;

#[async_trait]
impl ClientEpochs for Redis {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let act = Create::client(client);
        carry_out(self, &act, Hint::Unread, client.created_at).await
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        match self.principal(client_id).await? {
            Some(Principal::Client(client)) => Ok(Some(client)),
            _ => Ok(None),
        }
    }

    async fn change_client_standing(
        &self,
        client_id: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        self.change_standing(client_id, Kind::Client, *change, now)
            .await
    }
}

pub(crate) fn write(fields: NewFields, client: &Client) -> NewFields {
    let fields = fields
        .blob("epoch", client.epoch.as_bytes())
        .text("status", client.status.as_str())
        .text("metadata", &client.metadata)
        .integer("revision", client.revision)
        .integer("created_at", client.created_at)
        .integer("updated_at", client.updated_at);
    match &client.secret {
        ClientSecret::None => fields,
        ClientSecret::Hashed(hash) => fields.blob("secret_hash", hash.as_bytes()),
        ClientSecret::Sealed(sealed) => fields.blob("secret_sealed", sealed),
    }
}

pub(crate) fn read(client_id: &str, fields: &Fields) -> Result<Client, StoreError> {
    let secret = match (
        fields.optional_bytes("secret_hash")?,
        fields.optional_blob("secret_sealed"),
    ) {
        (None, None) => ClientSecret::None,
        (Some(hash), None) => ClientSecret::Hashed(SecretHash::from_bytes(hash)),
        (None, Some(sealed)) => ClientSecret::Sealed(sealed.to_vec()),
        _ => return Err(fields.corrupt("it has two secrets")),
    };
    Ok(Client {
        client_id: client_id.to_owned(),
        epoch: Epoch::from_bytes(fields.bytes("epoch")?),
        status: principals::status(fields)?,
        secret,
        metadata: fields.text("metadata")?.to_owned(),
        revision: fields.integer("revision")?,
        created_at: fields.integer("created_at")?,
        updated_at: fields.integer("updated_at")?,
    })
}
