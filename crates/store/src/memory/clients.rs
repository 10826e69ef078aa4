//! Clients in a map, and their names in the one table of principals.

use async_trait::async_trait;

use super::Memory;
use crate::clients::{Client, ClientEpochs, Clients, Standing, UpdateClient, UpdateClientOutcome};
use crate::events::{Event, EventKind};
use crate::subjects::Status;
use crate::{Epoch, StoreError};

#[async_trait]
impl ClientEpochs for Memory {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        let mut state = self.state();
        if !state.principals.insert(client.client_id.clone()) {
            return Ok(false);
        }
        let revision = state.next_revision();
        let client = Client {
            revision,
            ..client.clone()
        };
        let event = Event::new(EventKind::ClientCreated, client.created_at);
        state.emit(event.client(&client.client_id));
        state.clients.insert(client.client_id.clone(), client);
        Ok(true)
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        Ok(self.state().clients.get(client_id).cloned())
    }

    async fn end_client(
        &self,
        client_id: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let revision = state.next_revision();
        let Some(client) = state.clients.get_mut(client_id) else {
            return Ok(false);
        };
        client.epoch = epoch;
        client.status = status;
        client.revision = revision;
        client.updated_at = now;
        state.emit(Event::new(EventKind::ClientEnded, now).client(client_id));
        Ok(true)
    }
}

#[async_trait]
impl Clients for Memory {
    async fn client_standing(&self, client_id: &str) -> Result<Option<Standing>, StoreError> {
        Ok(self.state().clients.get(client_id).map(|client| Standing {
            epoch: client.epoch,
            status: client.status,
            revision: client.revision,
        }))
    }

    async fn list_clients(&self, after: &str, limit: u32) -> Result<Vec<Client>, StoreError> {
        let state = self.state();
        let clients = state
            .clients
            .values()
            .filter(|client| client.client_id.as_str() > after);
        Ok(clients.take(limit as usize).cloned().collect())
    }

    async fn update_client(
        &self,
        act: &UpdateClient,
        now: i64,
    ) -> Result<UpdateClientOutcome, StoreError> {
        let mut state = self.state();
        let revision = state.next_revision();
        let Some(client) = state.clients.get_mut(&act.client_id) else {
            return Ok(UpdateClientOutcome::Unknown);
        };
        if client.revision != act.revision {
            return Ok(UpdateClientOutcome::ChangedMeanwhile);
        }
        if let Some(metadata) = &act.metadata {
            client.metadata.clone_from(metadata);
        }
        if let Some(secret) = &act.secret {
            client.secret = secret.clone();
        }
        if let Some(epoch) = act.epoch {
            client.epoch = epoch;
        }
        client.revision = revision;
        client.updated_at = now;
        if act.epoch.is_some() {
            state.emit(Event::new(EventKind::ClientEnded, now).client(&act.client_id));
        }
        state.emit(Event::new(EventKind::ClientUpdated, now).client(&act.client_id));
        Ok(UpdateClientOutcome::Updated)
    }

    async fn enable_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        let revision = state.next_revision();
        let Some(client) = state.clients.get_mut(client_id) else {
            return Ok(false);
        };
        client.status = Status::Active;
        client.revision = revision;
        client.updated_at = now;
        state.emit(Event::new(EventKind::ClientEnabled, now).client(client_id));
        Ok(true)
    }

    async fn delete_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.clients.remove(client_id).is_none() {
            return Ok(false);
        }
        state.emit(Event::new(EventKind::ClientDeleted, now).client(client_id));
        Ok(true)
    }
}
