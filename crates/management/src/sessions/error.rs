//! Why a session was not ended.

use countersign_store::StoreError;

/// What happened instead. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("there is no session {0:?}")]
    Unknown(String),
    #[error("the session {0:?} had ended before")]
    AlreadyEnded(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
