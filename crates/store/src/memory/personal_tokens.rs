//! Personal tokens, decided under the one mutex by [`crate::personal_tokens`].

use async_trait::async_trait;

use super::{Memory, State, next_act};
use crate::grants::{GrantView, Origin};
use crate::personal_tokens::{
    Change, CreatePersonalToken, CreatePersonalTokenOutcome, Decided, PersonalTokens,
    RevokePersonalToken, RevokePersonalTokenOutcome, StoredChange, UpdatePersonalToken,
    UpdatePersonalTokenOutcome, WantedChanges, decide_creation, decide_revocation, decide_update,
};
use crate::{GrantId, StoreError};

#[async_trait]
impl PersonalTokens for Memory {
    async fn create_personal_token(
        &self,
        act: &CreatePersonalToken,
        now: i64,
    ) -> Result<CreatePersonalTokenOutcome, StoreError> {
        let mut state = self.state();
        let outcome = decide_creation(&state.personal_tokens_of(&act.grant.sub), act, now);
        if outcome == CreatePersonalTokenOutcome::Created {
            let consent = state.take_consent_step(&act.grant, &act.consent, now);
            state.write_personal_token(act.written(consent, next_act(), now));
        }
        Ok(outcome)
    }

    async fn update_personal_token(
        &self,
        act: &UpdatePersonalToken,
        now: i64,
    ) -> Result<UpdatePersonalTokenOutcome, StoreError> {
        let mut state = self.state();
        let tokens = state.personal_tokens_of(&act.sub);
        Ok(state.write_personal_token(decide_update(&tokens, act, next_act(), now)))
    }

    async fn revoke_personal_token(
        &self,
        act: &RevokePersonalToken,
        now: i64,
    ) -> Result<RevokePersonalTokenOutcome, StoreError> {
        let mut state = self.state();
        let found = state.grants.get(&act.id).cloned();
        Ok(state.write_personal_token(decide_revocation(found, act, next_act(), now)))
    }

    async fn personal_tokens_of(&self, sub: &str) -> Result<Vec<GrantView>, StoreError> {
        Ok(self.state().personal_tokens_of(sub))
    }

    async fn personal_token_changes(
        &self,
        wanted: &WantedChanges,
        limit: u32,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let state = self.state();
        let latest_first = state.personal_token_changes.iter().rev();
        let stored = latest_first.map(|(id, change)| StoredChange {
            id: *id,
            change: change.clone(),
        });
        let wanted = stored.filter(|stored| wanted.includes(stored));
        Ok(wanted.take(limit as usize).collect())
    }
}

impl State {
    fn personal_tokens_of(&self, sub: &str) -> Vec<GrantView> {
        let grants = self.grants.values().filter(|grant| grant.sub == sub);
        let tokens = grants.filter(|grant| matches!(grant.origin, Origin::Personal(_)));
        let mut ids: Vec<GrantId> = tokens.map(|grant| grant.id).collect();
        ids.sort_unstable();
        ids.iter().filter_map(|id| self.view(id)).collect()
    }

    fn write_personal_token<O>(&mut self, decided: Decided<O>) -> O {
        let (write, outcome) = decided.decision.under(None);
        self.write(write);
        if let Some(change) = decided.change {
            self.remember_change(change);
        }
        outcome
    }

    fn remember_change(&mut self, change: Change) {
        self.next_change += 1;
        self.personal_token_changes.insert(self.next_change, change);
    }
}
