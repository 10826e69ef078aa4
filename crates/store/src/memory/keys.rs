//! Signing keys, sealed, in the order in which they were made.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::events::{Event, EventKind};
use crate::keys::{Keys, SigningKeyRecord};

#[async_trait]
impl Keys for Memory {
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        Ok(self.state().keys.clone())
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        retires: bool,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.keys.iter().any(|known| known.kid == key.kid) {
            return Ok(false);
        }
        if retires {
            for known in &mut state.keys {
                if known.alg == key.alg && known.retired_at.is_none() {
                    known.retired_at = Some(now);
                }
            }
        }
        state.keys.push(key.clone());
        state.emit(Event::new(EventKind::SigningKeyAdded, now).about(&key.kid));
        Ok(true)
    }

    async fn add_first_signing_key(
        &self,
        key: &SigningKeyRecord,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state
            .keys
            .iter()
            .any(|known| known.alg == key.alg && known.retired_at.is_none())
        {
            return Ok(false);
        }
        state.keys.push(key.clone());
        state.emit(Event::new(EventKind::SigningKeyAdded, now).about(&key.kid));
        Ok(true)
    }

    async fn delete_signing_key(&self, kid: &str, now: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        let before = state.keys.len();
        state
            .keys
            .retain(|key| key.kid != kid || key.retired_at.is_none());
        let deleted = state.keys.len() < before;
        if deleted {
            state.emit(Event::new(EventKind::SigningKeyDeleted, now).about(kid));
        }
        Ok(deleted)
    }
}
