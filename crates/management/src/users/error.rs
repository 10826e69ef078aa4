//! Why an account was not made or changed.

use countersign_store::StoreError;

use super::claims::ClaimFault;
use super::names::NameFault;
use crate::passwords::{HashingError, PasswordFault};

/// What happened instead of the change. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("there is no user {0:?}")]
    Unknown(String),
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    #[error("the user {0:?} was changed by someone else at the same time")]
    Contended(String),
    #[error("the username is refused: {0}")]
    Username(NameFault),
    #[error("the email address is refused: {0}")]
    Email(NameFault),
    #[error("the account has no email address that could be verified")]
    NoEmail,
    /// Once by itself and once among the claims.
    #[error("{0} is given twice")]
    GivenTwice(&'static str),
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    #[error(transparent)]
    Password(#[from] PasswordFault),
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
