//! Why there are no tokens.

use countersign_fetch::FetchError;
use countersign_jose::json::JsonError;
use countersign_oauth::scope::ScopeFault;

use crate::id_token::IdTokenError;
use crate::provider_error::ProviderError;

/// The cause of a failed token request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    #[error("the provider's metadata has no token_endpoint")]
    NoTokenEndpoint,
    #[error("the token endpoint could not be reached: {0}")]
    Fetch(#[from] FetchError),
    /// RFC 6749, section 5.2: `invalid_grant` after a code or refresh token that is used, expired
    /// or ended; `invalid_client` for wrong credentials.
    #[error("the token endpoint returned {status}, {error}")]
    Provider { status: u16, error: ProviderError },
    #[error("the token endpoint returned {status} without saying why")]
    Status { status: u16 },
    #[error("the token endpoint returned something other than application/json")]
    NotJson,
    #[error("the token endpoint returned JSON that can't be read: {0}")]
    Malformed(#[from] JsonError),
    #[error("the token response lacks {member}")]
    MissingMember { member: &'static str },
    #[error("{member} of the token response is malformed")]
    MalformedMember { member: &'static str },
    #[error("the token response has an invalid scope: {0}")]
    Scope(#[from] ScopeFault),
    /// RFC 6749, section 7.1: a token of a type that the client doesn't support must not be used.
    #[error("the access token has the type {received:?}, not Bearer")]
    UnsupportedTokenType { received: String },
    #[error("openid was requested, but no ID token was returned")]
    IdTokenMissing,
    /// There is no request to compare it with: it would prove a sign-in that no one started.
    #[error("an ID token was returned that was not requested")]
    IdTokenUnexpected,
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
}

impl TokenError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTokenEndpoint => "token_no_endpoint",
            Self::Fetch(error) => error.code(),
            Self::Provider { .. } => "token_provider_error",
            Self::Status { .. } => "token_status",
            Self::NotJson => "token_not_json",
            Self::Malformed(_) => "token_malformed",
            Self::MissingMember { .. } => "token_member_missing",
            Self::MalformedMember { .. } => "token_member_malformed",
            Self::Scope(fault) => fault.code(),
            Self::UnsupportedTokenType { .. } => "token_type_unsupported",
            Self::IdTokenMissing => "token_id_token_missing",
            Self::IdTokenUnexpected => "token_id_token_unexpected",
            Self::IdToken(error) => error.code(),
        }
    }

    /// Whether the grant is over, so that the user has to sign in again: `invalid_grant`.
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Provider { error, .. } if error.error == "invalid_grant")
    }
}
