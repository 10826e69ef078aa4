//! The suite on the memory backend.

use std::sync::Arc;

use countersign_store::Store;
use countersign_store::memory::Memory;

async fn fresh() -> Option<(Arc<dyn Store>, ())> {
    Some((Arc::new(Memory::new()), ()))
}

countersign_store::grant_store_tests!(crate::fresh);
countersign_store::store_tests!(crate::fresh);
