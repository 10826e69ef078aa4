//! Why a provider could not be made.

use countersign_management::keys::KeyError;
use countersign_management::passwords::HashingError;
use countersign_store::StoreError;
use countersign_web::instance::InstanceError;
use countersign_web::pages::PagesError;

/// Why a provider could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store is another issuer's, or was sealed under another master key.
    #[error(transparent)]
    Instance(InstanceError),
    #[error(transparent)]
    Key(KeyError),
    #[error(transparent)]
    Pages(#[from] PagesError),
    #[error("the password hashing threads could not be started: {0}")]
    Passwords(#[from] HashingError),
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

impl From<InstanceError> for StartError {
    fn from(error: InstanceError) -> Self {
        match error {
            InstanceError::Store(error) => Self::Store(error),
            error => Self::Instance(error),
        }
    }
}
