//! Why a provider could not be made.

use countersign_store::StoreError;

/// Why a provider could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a signing key could not be made or opened: {0}")]
    Key(String),
    #[error("the discovery document could not be written: {0}")]
    Metadata(String),
}
