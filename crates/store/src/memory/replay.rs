//! What was used and may not be used again.

use std::collections::hash_map::Entry;

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::replay::{Replays, Use, UseKey, forgotten_until};

#[async_trait]
impl Replays for Memory {
    async fn use_once(&self, key: &UseKey, until: i64, now: i64) -> Result<Use, StoreError> {
        match self.state().used_once.entry(*key) {
            Entry::Occupied(used) if *used.get() > forgotten_until(now) => Ok(Use::Repeated),
            entry => {
                entry.insert_entry(until);
                Ok(Use::First)
            }
        }
    }
}
