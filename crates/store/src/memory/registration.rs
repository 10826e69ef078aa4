//! Clients that registered themselves, and the tokens that let them.

use async_trait::async_trait;

use super::Memory;
use crate::events::{Event, EventKind};
use crate::registration::{
    InitialAccessToken, RegisterClient, RegisterOutcome, Registration, Registrations,
};
use crate::{SecretHash, StoreError};

#[async_trait]
impl Registrations for Memory {
    async fn register_client(
        &self,
        act: &RegisterClient,
        now: i64,
    ) -> Result<RegisterOutcome, StoreError> {
        let mut state = self.state();
        let id = match &act.initial_access_token {
            None => None,
            Some(presented) => {
                let mut tokens = state.initial_access_tokens.values();
                let valid = tokens.find(|token| token.hash == *presented && token.is_valid(now));
                match valid {
                    Some(token) => Some(token.id.clone()),
                    None => return Ok(RegisterOutcome::TokenRefused),
                }
            }
        };
        if !state.create_client(&act.client) {
            return Ok(RegisterOutcome::ClientIdTaken);
        }
        let used = id.and_then(|id| state.initial_access_tokens.get_mut(&id));
        if let Some(left) = used.and_then(|token| token.uses_left.as_mut()) {
            *left -= 1;
        }
        let client_id = act.client.client_id.clone();
        state.registrations.insert(client_id, act.registration);
        Ok(RegisterOutcome::Registered)
    }

    async fn registration(&self, client_id: &str) -> Result<Option<Registration>, StoreError> {
        Ok(self.state().registrations.get(client_id).copied())
    }

    async fn rotate_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
        next: &SecretHash,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(registration) = state.registrations.get_mut(client_id) else {
            return Ok(false);
        };
        let is_accepted = registration.accepts(presented);
        if is_accepted {
            registration.token = *next;
            registration.predecessor = Some(*presented);
        }
        Ok(is_accepted)
    }

    async fn settle_registration_token(
        &self,
        client_id: &str,
        presented: &SecretHash,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let registration = state.registrations.get_mut(client_id);
        if let Some(registration) = registration.filter(|known| known.token == *presented) {
            registration.predecessor = None;
        }
        Ok(())
    }

    async fn set_vouched(&self, client_id: &str, vouched: bool) -> Result<bool, StoreError> {
        let mut state = self.state();
        let registration = state.registrations.get_mut(client_id);
        Ok(registration.map(|known| known.vouched = vouched).is_some())
    }

    async fn create_initial_access_token(
        &self,
        token: &InitialAccessToken,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state
            .initial_access_tokens
            .insert(token.id.clone(), token.clone());
        state.emit(Event::new(EventKind::InitialAccessTokenCreated, now).about(&token.id));
        Ok(())
    }

    async fn initial_access_tokens(&self) -> Result<Vec<InitialAccessToken>, StoreError> {
        let state = self.state();
        Ok(state.initial_access_tokens.values().cloned().collect())
    }

    async fn delete_initial_access_token(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        let deleted = state.initial_access_tokens.remove(id).is_some();
        if deleted {
            state.emit(Event::new(EventKind::InitialAccessTokenDeleted, now).about(id));
        }
        Ok(deleted)
    }
}
