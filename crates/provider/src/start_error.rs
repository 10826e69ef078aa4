//! Why a provider could not be made.

use countersign_management::keys::KeyError;
use countersign_store::StoreError;

/// Why a provider could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(KeyError),
    #[error("the discovery document could not be written: {0}")]
    Metadata(String),
}

impl From<KeyError> for StartError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => Self::Store(error),
            error => Self::Key(error),
        }
    }
}
