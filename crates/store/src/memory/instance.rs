//! Which issuer this store belongs to: written once, compared at every start.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::instance::{Instance, Instances};

#[async_trait]
impl Instances for Memory {
    async fn adopt_instance(&self, proposed: &Instance) -> Result<Instance, StoreError> {
        Ok(self
            .state()
            .instance
            .get_or_insert_with(|| proposed.clone())
            .clone())
    }

    async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        Ok(self.state().instance.clone())
    }
}
