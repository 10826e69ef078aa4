//! Clients in a map, and their names in the one table of principals.

use async_trait::async_trait;

use super::{Memory, State};
use crate::StoreError;
use crate::clients::{
    Client, ClientEpochs, ClientSecrets, ClientStanding, Clients, UpdateClient, UpdateClientOutcome,
};
use crate::events::{Event, EventKind};
use crate::standing::{StandingChange, StandingDecision, StandingOutcome, decide_standing};
use crate::users::Replacement;

#[async_trait]
impl ClientEpochs for Memory {
    async fn create_client(&self, client: &Client) -> Result<bool, StoreError> {
        Ok(self.state().create_client(client))
    }

    async fn client(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        Ok(self.state().clients.get(client_id).cloned())
    }

    async fn change_client_standing(
        &self,
        client_id: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        let mut state = self.state();
        let revision = state.next_revision();
        let Some(client) = state.clients.get_mut(client_id) else {
            return Ok(StandingOutcome::Unknown);
        };
        let standing = match decide_standing(Some(client.standing()), change) {
            StandingDecision::Keep(outcome) => return Ok(outcome),
            StandingDecision::Write(standing) => standing,
        };
        client.epoch = standing.epoch;
        client.status = standing.status;
        client.revision = revision;
        client.updated_at = now;
        state.emit(Event::new(change.of_client(), now).client(client_id));
        Ok(StandingOutcome::Changed)
    }
}

#[async_trait]
impl Clients for Memory {
    async fn client_standing(&self, client_id: &str) -> Result<Option<ClientStanding>, StoreError> {
        let state = self.state();
        Ok(state.clients.get(client_id).map(|client| ClientStanding {
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
        if let Some(secrets) = &act.secrets {
            client.secrets.clone_from(secrets);
        }
        match &act.owner {
            Some(Replacement::Set(owner)) => client.owner = Some(owner.clone()),
            Some(Replacement::Remove) => client.owner = None,
            None => {}
        }
        client.revision = revision;
        client.updated_at = now;
        state.emit(Event::new(EventKind::ClientUpdated, now).client(&act.client_id));
        Ok(UpdateClientOutcome::Updated)
    }

    async fn reseal_client_secrets(
        &self,
        client_id: &str,
        revision: i64,
        secrets: &ClientSecrets,
    ) -> Result<UpdateClientOutcome, StoreError> {
        let mut state = self.state();
        let next = state.next_revision();
        let Some(client) = state.clients.get_mut(client_id) else {
            return Ok(UpdateClientOutcome::Unknown);
        };
        if client.revision != revision {
            return Ok(UpdateClientOutcome::ChangedMeanwhile);
        }
        client.secrets.clone_from(secrets);
        client.revision = next;
        Ok(UpdateClientOutcome::Updated)
    }

    async fn delete_client(&self, client_id: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.clients.remove(client_id).is_none() {
            return Ok(false);
        }
        state.registrations.remove(client_id);
        state.consents.retain(|(_, owner), _| owner != client_id);
        state.emit(Event::new(EventKind::ClientDeleted, now).client(client_id));
        Ok(true)
    }
}

impl State {
    /// `false` if the id is taken.
    pub(super) fn create_client(&mut self, client: &Client) -> bool {
        if !self.principals.insert(client.client_id.clone()) {
            return false;
        }
        let revision = self.next_revision();
        let client = Client {
            revision,
            ..client.clone()
        };
        let event = Event::new(EventKind::ClientCreated, client.created_at);
        self.emit(event.client(&client.client_id));
        self.clients.insert(client.client_id.clone(), client);
        true
    }
}
