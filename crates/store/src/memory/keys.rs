//! Signing keys, sealed, in the order in which they were made.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::keys::{ChangeKeys, ChangeKeysOutcome, Keys, SigningKeyRecord, decide_keys};

#[async_trait]
impl Keys for Memory {
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        Ok(self.state().keys.clone())
    }

    async fn change_signing_keys(
        &self,
        act: &ChangeKeys,
        now: i64,
    ) -> Result<ChangeKeysOutcome, StoreError> {
        let mut state = self.state();
        let decision = decide_keys(&state.keys, act, now);
        for key in decision.put {
            match state.keys.iter_mut().find(|known| known.kid == key.kid) {
                Some(known) => *known = key,
                None => state.keys.push(key),
            }
        }
        if let Some(kid) = &decision.delete {
            state.keys.retain(|key| key.kid != *kid);
        }
        for event in decision.events {
            state.emit(event);
        }
        Ok(decision.outcome)
    }
}
