//! Registered clients, as far as grants rest on them.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::clients::{Client, ClientEpochs, FORMAT};
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, decide_standing,
};

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
                                          metadata, revision, created_at, updated_at, format)
                     SELECT name, $2::bytea, $3::text, $4::bytea, $5::bytea, $6::text, 1,
                            $7::bigint, $8::bigint, $9::bigint
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
                    &FORMAT,
                ],
            )
            .await?;
        Ok(created > 0)
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        let columns = client::COLUMNS;
        self.one(
            "client",
            &format!("SELECT {columns} FROM clients WHERE client_id = $1"),
            &[&client_id],
            |cells| client::read(cells),
        )
        .await
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
            let changed = self
                .run(
                    "WITH changed AS (
                         UPDATE clients
                         SET epoch = $2, status = $3, revision = revision + 1, updated_at = $7
                         WHERE client_id = $1 AND epoch = $4 AND status = $5
                         RETURNING client_id
                     )
                     INSERT INTO events (kind, at, client_id) SELECT $6, $7, client_id FROM changed",
                    &[
                        &client_id,
                        &&standing.epoch.as_bytes()[..],
                        &standing.status.as_str(),
                        &&current.epoch.as_bytes()[..],
                        &current.status.as_str(),
                        &change.of_client().as_str(),
                        &now,
                    ],
                )
                .await?;
            if changed > 0 {
                return Ok(StandingOutcome::Changed);
            }
        }
    }
}
