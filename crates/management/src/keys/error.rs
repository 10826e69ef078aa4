//! Why a signing key was not made, imported, opened or changed.

use countersign_jose::key::KeyError as KeyFault;
use countersign_store::StoreError;

/// What happened instead of the change. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the private key is refused: {0}")]
    Private(KeyFault),
    /// RFC 7517, section 5.
    #[error("key {position} of the set: {fault}")]
    OfSet {
        /// Counted from 1.
        position: usize,
        fault: Box<KeyError>,
    },
    #[error("the set has no key")]
    NoKeys,
    #[error("the file has {0} keys, where one is expected")]
    SeveralKeys(usize),
    #[error("the key is symmetric: whoever verified a token could sign one")]
    Symmetric,
    #[error("{0:?} is not a signature algorithm")]
    AlgorithmUnknown(String),
    #[error("the kid is empty or has a control character")]
    KidUnusable,
    #[error("the file has the key {0} twice")]
    Twice(String),
    #[error("two keys of the file sign with {0}, and one at a time can be the next")]
    SameAlgorithm(String),
    #[error("the key {kid} already exists, as {known}")]
    PresentAs { kid: String, known: String },
    #[error("the public key is refused: {0}")]
    Public(KeyFault),
    #[error("the public key doesn't belong to the private key")]
    PublicDoesNotMatch,
    #[error("the key {0} already exists")]
    Present(String),
    #[error("there is no key {0}")]
    Unknown(String),
    /// `from` is Unix seconds.
    #[error(
        "the key {kid} is about to sign with {alg}; another key can replace it only after that"
    )]
    RotationPending { alg: String, kid: String, from: i64 },
    #[error("in the meantime another key has started to sign with {0}")]
    ChangedMeanwhile(String),
    #[error(
        "the key {0} is published: it signs, is about to sign, or has signed tokens that may still be valid"
    )]
    Published(String),
    #[error("a signing key could not be created: {0}")]
    NotMade(String),
    #[error("the signing key {kid} could not be unsealed: {reason}")]
    NotOpened { kid: String, reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}
