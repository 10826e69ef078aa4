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

    async fn replace_key_check(&self, before: &[u8], after: &[u8]) -> Result<bool, StoreError> {
        let mut state = self.state();
        let instance = state.instance.as_mut();
        let instance = instance.filter(|known| known.key_check == before);
        Ok(instance
            .map(|known| known.key_check = after.to_vec())
            .is_some())
    }

    async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        Ok(self.state().instance.clone())
    }
}
