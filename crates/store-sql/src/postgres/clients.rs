//! Registered clients, as far as grants depend on them.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::clients::{Client, ClientEpochs};
use countersign_store::principals::{Create, Kind};
use countersign_store::standing::{StandingChange, StandingOutcome};

use super::Postgres;
use crate::rows::client;

#[async_trait]
impl ClientEpochs for Postgres {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let act = Create::client(client);
        carry_out(self, &act, Hint::Unread, client.created_at).await
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
        self.change_standing(client_id, Kind::Client, *change, now)
            .await
    }
}
