//! Clients, as far as their grants' lives rest on them.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::clients::{Client, ClientEpochs, ClientSecret, FORMAT};
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, Status, decide_standing,
};
use countersign_store::{Epoch, SecretHash, StoreError};
use redis::Script;

use crate::fields::{Fields, NewFields};
use crate::{Redis, grants, keys};

static CREATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("clients/create.lua")));
static CHANGE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("clients/change_standing.lua")));

#[async_trait]
impl ClientEpochs for Redis {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let id = client.client_id.as_str();
        let mut fields = NewFields::default()
            .integer("format", FORMAT)
            .blob("epoch", client.epoch.as_bytes())
            .text("status", client.status.as_str())
            .text("metadata", &client.metadata)
            .integer("created_at", client.created_at)
            .integer("updated_at", client.updated_at);
        fields = match &client.secret {
            ClientSecret::None => fields,
            ClientSecret::Hashed(hash) => fields.blob("secret_hash", hash.as_bytes()),
            ClientSecret::Sealed(sealed) => fields.blob("secret_sealed", sealed),
        };
        let mut call = CREATE.key(self.keys.principal(id));
        call.key(self.keys.client(id))
            .key(self.keys.events(keys::partition(id.as_bytes())))
            .arg(client.created_at)
            .arg(id);
        grants::fields(&mut call, &fields);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "created" => Ok(true),
            "taken" => Ok(false),
            _ => reply.unexpected(),
        }
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.client(client_id));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        let Some(fields) = Fields::of("client", client_id, fields) else {
            return Ok(None);
        };
        fields.known_format(FORMAT)?;
        let secret = match (
            fields.optional_bytes("secret_hash")?,
            fields.optional_blob("secret_sealed"),
        ) {
            (None, None) => ClientSecret::None,
            (Some(hash), None) => ClientSecret::Hashed(SecretHash::from_bytes(hash)),
            (None, Some(sealed)) => ClientSecret::Sealed(sealed.to_vec()),
            _ => return Err(fields.corrupt("it has two secrets")),
        };
        Ok(Some(Client {
            client_id: client_id.to_owned(),
            epoch: Epoch::from_bytes(fields.bytes("epoch")?),
            status: Status::parse(fields.text("status")?)
                .ok_or_else(|| fields.corrupt("its status is unknown"))?,
            secret,
            metadata: fields.text("metadata")?.to_owned(),
            revision: fields.integer("revision")?,
            created_at: fields.integer("created_at")?,
            updated_at: fields.integer("updated_at")?,
        }))
    }

    async fn change_client_standing(
        &self,
        client_id: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        loop {
            let current = self
                .client(client_id)
                .await?
                .map(|client| client.standing());
            let (current, standing) = match (current, decide_standing(current, change)) {
                (Some(current), StandingDecision::Write(standing)) => (current, standing),
                (_, StandingDecision::Keep(outcome)) => return Ok(outcome),
                (None, StandingDecision::Write(_)) => return Ok(StandingOutcome::Unknown),
            };
            let mut call = CHANGE.key(self.keys.client(client_id));
            call.key(self.keys.events(keys::partition(client_id.as_bytes())))
                .arg(now)
                .arg(client_id)
                .arg(change.of_client().as_str())
                .arg(current.epoch.as_bytes().as_slice())
                .arg(current.status.as_str())
                .arg(standing.epoch.as_bytes().as_slice())
                .arg(standing.status.as_str());
            let reply = self.act(&call).await?;
            match reply.word()?.as_str() {
                "changed" => return Ok(StandingOutcome::Changed),
                "conflict" => {}
                _ => return reply.unexpected(),
            }
        }
    }
}
