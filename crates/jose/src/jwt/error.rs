//! Why a JWT is not accepted.

use crate::json::JsonError;
use crate::jws::JwsError;

/// What is wrong with a JWT. Times are Unix seconds. What is repeated of a token is cut to
/// [`MAX_EXCERPT_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// The token is not an acceptable JWS.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// `typ` is another one, or missing where it must not be (RFC 8725, section 3.11).
    #[error("typ is {received:?}, expected {expected}")]
    WrongType {
        received: Option<String>,
        expected: String,
    },
    /// The payload is not a JSON object that we read.
    #[error("claims: {0}")]
    ClaimsJson(JsonError),
    /// A registered claim has the wrong type.
    #[error("claims: {0} is malformed")]
    MalformedClaim(&'static str),
    /// A claim that is required is missing.
    #[error("claims: {0} is missing")]
    MissingClaim(&'static str),
    /// The claims do not match the caller's type: which claim, without its value.
    #[error("claims: {0}")]
    UnexpectedClaims(String),
    /// `iss` is another one.
    #[error("iss is {received:?}, expected {expected:?}")]
    WrongIssuer { received: String, expected: String },
    /// `sub` is another one.
    #[error("sub is not the expected one")]
    WrongSubject,
    /// `aud` contains none of those expected.
    #[error("aud is {received:?}, expected one of {expected:?}")]
    WrongAudience {
        received: Vec<String>,
        expected: Vec<String>,
    },
    /// `aud` contains others beside the expected one, and that is not allowed here.
    #[error("aud contains others besides the expected one: {received:?}")]
    FurtherAudiences { received: Vec<String> },
    /// `aud` is an array where a single string is required.
    #[error("aud is an array, expected a single string")]
    AudienceIsArray,
    /// At or after `exp` (RFC 7519, section 4.1.4).
    #[error("expired at {exp}, now {now}")]
    Expired { exp: i64, now: i64 },
    /// Before `nbf` (RFC 7519, section 4.1.5).
    #[error("not valid before {nbf}, now {now}")]
    NotYetValid { nbf: i64, now: i64 },
    /// `iat` is in the future.
    #[error("issued at {iat}, which is after now {now}")]
    IssuedInTheFuture { iat: i64, now: i64 },
    /// `iat` is longer ago than allowed.
    #[error("issued at {iat}, longer than {max_age_seconds} s before now {now}")]
    TooOld {
        iat: i64,
        now: i64,
        max_age_seconds: i64,
    },
    /// `exp` is further ahead than allowed.
    #[error("expires at {exp}, more than {max_lifetime_seconds} s after now {now}")]
    LivesTooLong {
        exp: i64,
        now: i64,
        max_lifetime_seconds: i64,
    },
}

impl JwtError {
    /// A stable name for logs and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Jws(error) => error.name(),
            Self::WrongType { .. } => "jwt_typ_wrong",
            Self::ClaimsJson(_) => "jwt_claims_not_json",
            Self::MalformedClaim(_) => "jwt_claim_malformed",
            Self::MissingClaim(_) => "jwt_claim_missing",
            Self::UnexpectedClaims(_) => "jwt_claims_unexpected",
            Self::WrongIssuer { .. } => "jwt_iss_wrong",
            Self::WrongSubject => "jwt_sub_wrong",
            Self::WrongAudience { .. } => "jwt_aud_wrong",
            Self::FurtherAudiences { .. } => "jwt_aud_not_alone",
            Self::AudienceIsArray => "jwt_aud_is_array",
            Self::Expired { .. } => "jwt_expired",
            Self::NotYetValid { .. } => "jwt_not_yet_valid",
            Self::IssuedInTheFuture { .. } => "jwt_issued_in_the_future",
            Self::TooOld { .. } => "jwt_too_old",
            Self::LivesTooLong { .. } => "jwt_lives_too_long",
        }
    }
}

/// No more of any one value of a token goes into an error, and so into a log.
pub const MAX_EXCERPT_BYTES: usize = 128;

/// The beginning of `text`, cut at a character.
pub(super) fn excerpt(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_EXCERPT_BYTES)].to_owned()
}

/// The first few of `texts`, each cut.
pub(super) fn excerpts(texts: &[String]) -> Vec<String> {
    const MAX_VALUES: usize = 8;
    texts
        .iter()
        .take(MAX_VALUES)
        .map(|text| excerpt(text))
        .collect()
}
