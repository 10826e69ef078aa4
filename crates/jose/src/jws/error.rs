//! Why a token is not an acceptable JWS.

use crate::alg::SignatureAlgorithm;
use crate::json::JsonError;

/// What is wrong with a compact JWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Longer than the limit.
    #[error("a token of {bytes} bytes exceeds the limit of {limit}")]
    TooLarge { bytes: usize, limit: usize },
    /// Not three parts with dots between them (RFC 7515, section 3.1).
    #[error("not three parts with dots between them")]
    NotThreeParts,
    /// Five parts: a JWE (RFC 7516, section 9).
    #[error("five parts: an encrypted token, which is not supported")]
    Encrypted,
    /// A part is not canonical unpadded base64url.
    #[error("the {0} is not base64url")]
    NotBase64Url(&'static str),
    /// The header is not a JSON object that we read.
    #[error("header: {0}")]
    HeaderJson(JsonError),
    /// A header parameter has the wrong type or an impossible value.
    #[error("header: {0} is malformed")]
    InvalidHeader(&'static str),
    /// The header has no `alg` (RFC 7515, section 4.1.1).
    #[error("header: alg is missing")]
    MissingAlgorithm,
    /// `alg` is `none` in any spelling (RFC 8725, section 3.2).
    #[error("header: alg is none")]
    AlgorithmNone,
    /// `alg` is not one of ours.
    #[error("header: alg is not supported")]
    UnsupportedAlgorithm,
    /// `kid` is longer than [`crate::jwk::MAX_KID_BYTES`].
    #[error("header: kid is too long")]
    KidTooLong,
    /// The header has `crit`; no extension is understood (RFC 7515, section 4.1.11).
    #[error("header: crit names an extension that is not understood")]
    CriticalExtension,
    /// The header has `b64`: RFC 7797, section 6 requires it in `crit`, and we don't support it.
    #[error("header: b64 is not supported")]
    UnencodedPayload,
    /// The signature part is empty.
    #[error("the signature is empty")]
    EmptySignature,
    /// The token's `alg` is not the one that the key is bound to.
    #[error("signed with {token}, but the key is for {key}")]
    WrongAlgorithm {
        token: SignatureAlgorithm,
        key: SignatureAlgorithm,
    },
    /// The signature is not one of this content under this key.
    #[error("the signature does not verify")]
    BadSignature,
    /// There was no key to try.
    #[error("no key to verify with")]
    NoKey,
}

impl JwsError {
    /// A stable name for logs and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "jws_too_large",
            Self::NotThreeParts => "jws_not_three_parts",
            Self::Encrypted => "jws_encrypted",
            Self::NotBase64Url(_) => "jws_not_base64url",
            Self::HeaderJson(_) => "jws_header_not_json",
            Self::InvalidHeader(_) => "jws_header_malformed",
            Self::MissingAlgorithm => "jws_alg_missing",
            Self::AlgorithmNone => "jws_alg_none",
            Self::UnsupportedAlgorithm => "jws_alg_unsupported",
            Self::KidTooLong => "jws_kid_too_long",
            Self::CriticalExtension => "jws_crit_not_understood",
            Self::UnencodedPayload => "jws_b64_not_understood",
            Self::EmptySignature => "jws_signature_empty",
            Self::WrongAlgorithm { .. } => "jws_alg_not_the_keys",
            Self::BadSignature => "jws_signature_bad",
            Self::NoKey => "jws_no_key",
        }
    }
}
