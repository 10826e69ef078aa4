//! Registered clients, as far as grants rest on them.

use async_trait::async_trait;
use countersign_store::clients::{Client, ClientEpochs};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, StoreError};

use super::Postgres;
use crate::rows::client;

#[async_trait]
impl ClientEpochs for Postgres {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let (hash, sealed) = client::secret_columns(&client.secret);
        let created = self
            .run(
                "WITH taken AS (
                     INSERT INTO principals (name, kind) VALUES ($1, 'client')
                     ON CONFLICT (name) DO NOTHING RETURNING name
                 ), created AS (
                     INSERT INTO clients (client_id, epoch, status, secret_hash, secret_sealed,
                                          metadata, revision, created_at, updated_at)
                     SELECT name, $2::bytea, $3::text, $4::bytea, $5::bytea, $6::text, 1,
                            $7::bigint, $8::bigint
                     FROM taken
                     RETURNING client_id
                 )
                 INSERT INTO events (kind, at, client_id)
                 SELECT 'client_created', $7, client_id FROM created",
                &[
                    &client.client_id,
                    &&client.epoch.as_bytes()[..],
                    &client.status.as_str(),
                    &hash.map(|hash| &hash[..]),
                    &sealed,
                    &client.metadata,
                    &client.created_at,
                    &client.updated_at,
                ],
            )
            .await?;
        Ok(created > 0)
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        self.one(
            "client",
            "SELECT client_id, epoch, status, secret_hash, secret_sealed, metadata, revision,
                    created_at, updated_at
             FROM clients WHERE client_id = $1",
            &[&client_id],
            |cells| client::read(cells),
        )
        .await
    }

    async fn end_client(
        &self,
        client_id: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError> {
        let ended = self
            .run(
                "WITH ended AS (
                     UPDATE clients
                     SET epoch = $2, status = $3, revision = revision + 1, updated_at = $4
                     WHERE client_id = $1
                     RETURNING client_id
                 )
                 INSERT INTO events (kind, at, client_id)
                 SELECT 'client_ended', $4, client_id FROM ended",
                &[&client_id, &&epoch.as_bytes()[..], &status.as_str(), &now],
            )
            .await?;
        Ok(ended > 0)
    }
}
