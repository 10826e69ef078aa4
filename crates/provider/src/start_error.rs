//! Why a provider could not be made.

use countersign_store::StoreError;

/// Why a provider could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One database is one issuer (its tokens and its accounts name it).
    #[error("the database belongs to the issuer {found}, not to {wanted}")]
    OtherIssuer { found: String, wanted: String },
    /// The master key opens nothing that is sealed in this database.
    #[error("the master key is not the one that this database was sealed with")]
    OtherMasterKey,
    #[error("a signing key could not be made or opened: {0}")]
    Key(String),
    #[error("the discovery document could not be written: {0}")]
    Metadata(String),
}
