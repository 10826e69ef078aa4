//! Why a personal token was not made or changed.

use countersign_store::StoreError;

/// Why an act on a personal token failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PersonalTokenError {
    #[error("the user has no token {0:?}")]
    Unknown(String),
    #[error("the user is disabled or gone")]
    UserDisabled,
    #[error("the client of personal tokens, {0:?}, is disabled or not ours")]
    ClientDisabled(&'static str),
    #[error("a name has 1 to {limit} characters, none of them a control character")]
    NameInvalid { limit: usize },
    #[error("the user has a token with the name {0:?}")]
    NameTaken(String),
    #[error("the user has {limit} tokens, which is the limit")]
    TooMany { limit: u32 },
    #[error("a token has at least one scope")]
    ScopeEmpty,
    #[error("a token can't have the scope {scope:?}; it may have {offered}")]
    ScopeNotOffered { scope: String, offered: String },
    #[error("a token is valid for {shortest} to {longest} seconds")]
    Lifetime { shortest: i64, longest: i64 },
    #[error("the token {0:?} has ended or expired")]
    Over(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
