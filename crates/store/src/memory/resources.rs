//! Declared resources, by identifier.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::resources::{
    ChangeResource, ChangeResourceOutcome, Resource, Resources, decide_resource,
};

#[async_trait]
impl Resources for Memory {
    async fn resources(&self) -> Result<Vec<Resource>, StoreError> {
        Ok(self.state().resources.values().cloned().collect())
    }

    async fn change_resource(
        &self,
        act: &ChangeResource,
        now: i64,
    ) -> Result<ChangeResourceOutcome, StoreError> {
        let mut state = self.state();
        let known: Vec<Resource> = state.resources.values().cloned().collect();
        let decision = decide_resource(&known, act, now);
        if let Some(resource) = decision.put {
            state
                .resources
                .insert(resource.identifier.clone(), resource);
        }
        if let Some(identifier) = &decision.delete {
            state.resources.remove(identifier);
        }
        state.tell(decision.event);
        Ok(decision.outcome)
    }
}
