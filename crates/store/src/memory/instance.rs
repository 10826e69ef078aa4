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

    async fn replace_sealed(
        &self,
        before: &Instance,
        after: &Instance,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(known) = &mut state.instance else {
            return Ok(false);
        };
        let sealed = |of: &Instance| (of.key_check.clone(), of.pairwise_key.clone());
        if sealed(known) != sealed(before) {
            return Ok(false);
        }
        (known.key_check, known.pairwise_key) = sealed(after);
        Ok(true)
    }

    async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        Ok(self.state().instance.clone())
    }
}
