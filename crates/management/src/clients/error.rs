//! Why a client was not registered or changed.

use countersign_oauth::client_metadata::ClientMetadataFault;
use countersign_store::StoreError;

use super::{AddressList, SectorFault};

/// What happened instead of the change. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("there is no client {0:?}")]
    Unknown(String),
    #[error("the client_id {0:?} is taken")]
    ClientIdTaken(String),
    /// What it is, its document says.
    #[error(
        "the client {0:?} is the metadata document at that address, and only the document can change it"
    )]
    IsADocument(String),
    /// Not the grammar of decisions.md 19: VSCHAR without `:` (RFC 6749, appendix A.1; RFC 7617,
    /// section 2).
    #[error("{0:?} can't be a client_id")]
    ClientIdInvalid(String),
    #[error("the client metadata is refused: {0}")]
    Metadata(#[from] ClientMetadataFault),
    /// OpenID Connect Registration, section 5.
    #[error(transparent)]
    Sector(#[from] SectorFault),
    #[error("the client {0:?} is built in")]
    BuiltIn(String),
    /// To be removed, but not there as it was written.
    #[error("{uri} is not among the {} of the client", .list.member())]
    NotRegistered { list: AddressList, uri: String },
    /// RFC 7591, section 3.2.2.
    #[error("the initial access token is unknown, expired or used up")]
    InitialAccessTokenRefused,
    #[error("the client {0:?} authenticates without a secret")]
    NoSecret(String),
    /// [`MAX_CLIENT_SECRETS`](countersign_store::clients::MAX_CLIENT_SECRETS).
    #[error("the client {client_id:?} has {limit} secrets, which is the limit")]
    TooManySecrets { client_id: String, limit: usize },
    #[error("the client {client_id:?} has no secret {secret_id:?}")]
    UnknownSecret {
        client_id: String,
        secret_id: String,
    },
    #[error("it is the only secret of the client {0:?} that has not expired")]
    LastSecret(String),
    #[error("the secret would have expired already")]
    SecretExpired,
    #[error("the client {0:?} was registered by an operator, who vouches for it")]
    NotSelfRegistered(String),
    #[error("there is no user {0:?} to own a client")]
    OwnerUnknown(String),
    #[error("the client {0:?} was changed by someone else at the same time")]
    Contended(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
