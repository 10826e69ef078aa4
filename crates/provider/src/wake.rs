//! Work that waits in the background is woken by the request that makes it.

use std::sync::Arc;

use tokio::sync::Notify;

/// What wakes the two halves of the logout dispatcher of this process. Endings elsewhere are found by
/// polling.
#[derive(Default)]
pub(crate) struct Wake {
    pub endings: Arc<Notify>,
    pub calls: Arc<Notify>,
}

impl Wake {
    /// A session has ended.
    pub fn ended(&self) {
        self.endings.notify_one();
    }
}
