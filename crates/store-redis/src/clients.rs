//! Clients, as far as their grants depend on them.

use async_trait::async_trait;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::clients::{Client, ClientEpochs, ClientSecrets};
use countersign_store::principals::{Create, Kind, Principal};
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::{Epoch, StoreError};

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
    fields
        .blob("epoch", client.epoch.as_bytes())
        .text("status", client.status.as_str())
        .text("metadata", &client.metadata)
        .integer("revision", client.revision)
        .integer("created_at", client.created_at)
        .integer("updated_at", client.updated_at)
        .text("secrets", &client.secrets.to_text())
        .optional_text("owner", client.owner.as_deref())
}

pub(crate) fn read(client_id: &str, fields: &Fields) -> Result<Client, StoreError> {
    let secrets = ClientSecrets::from_text(fields.text("secrets")?);
    Ok(Client {
        client_id: client_id.to_owned(),
        epoch: Epoch::from_bytes(fields.bytes("epoch")?),
        status: principals::status(fields)?,
        secrets: secrets.map_err(|why| fields.corrupt(why))?,
        metadata: fields.text("metadata")?.to_owned(),
        owner: fields.optional_text("owner")?.map(str::to_owned),
        revision: fields.integer("revision")?,
        created_at: fields.integer("created_at")?,
        updated_at: fields.integer("updated_at")?,
    })
}
