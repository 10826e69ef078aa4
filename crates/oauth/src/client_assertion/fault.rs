//! Why a client's assertion was not accepted.

use countersign_jose::json::JsonError;
use countersign_jose::jws::JwsError;
use countersign_jose::jwt::JwtError;

use crate::client_signature::ClientSignatureFault;

/// The points are those of RFC 7523, section 3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientAssertionFault {
    #[error("client_assertion was sent without client_assertion_type")]
    TypeMissing,
    #[error("client_assertion_type is not that of a JWT")]
    TypeUnknown,
    #[error("client_assertion_type was sent without client_assertion")]
    Missing,
    /// 10: it is no JWT.
    #[error(transparent)]
    Jws(#[from] JwsError),
    #[error("the assertion's typ is that of another kind of token")]
    OtherTyp,
    #[error("the assertion's claims: {0}")]
    ClaimsMalformed(JsonError),
    /// 1 and 2.
    #[error("the assertion's iss and sub are not one client_id")]
    SubjectNotTheIssuer,
    #[error("client_id is not the client that the assertion names")]
    ClientIdDiffers,
    /// 1 to 7.
    #[error(transparent)]
    Jwt(JwtError),
    #[error("the assertion's jti is empty")]
    JtiEmpty,
    /// 9.
    #[error("the assertion: {0}")]
    Signature(#[from] ClientSignatureFault),
}

impl From<JwtError> for ClientAssertionFault {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Jws(error) => Self::Jws(error),
            other => Self::Jwt(other),
        }
    }
}

impl ClientAssertionFault {
    /// Whether a newer set of the client's keys may contain the one that was meant.
    #[must_use]
    pub fn keys_may_be_stale(&self) -> bool {
        matches!(self, Self::Signature(fault) if fault.keys_may_be_stale())
    }

    /// The stable name of the fault, for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TypeMissing => "client_assertion_type_missing",
            Self::TypeUnknown => "client_assertion_type_unknown",
            Self::Missing => "client_assertion_missing",
            Self::Jws(error) => error.name(),
            Self::OtherTyp => "client_assertion_typ",
            Self::ClaimsMalformed(_) => "client_assertion_claims",
            Self::SubjectNotTheIssuer => "client_assertion_subject",
            Self::ClientIdDiffers => "client_assertion_client_id_differs",
            Self::Jwt(error) => error.name(),
            Self::JtiEmpty => "client_assertion_jti_empty",
            Self::Signature(fault) => fault.code(),
        }
    }
}
