//! Why a grant was not ended.

use countersign_store::StoreError;
use countersign_store::grants::WhatEnded;

/// What happened instead. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("there is no grant {0:?}")]
    Unknown(String),
    #[error("the grant {id:?} had ended before: {what_ended}")]
    AlreadyEnded { id: String, what_ended: WhatEnded },
    #[error("the user has allowed the client {0:?} nothing")]
    NothingAllowed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
