//! Bearer tokens in the `Authorization` header, and the challenge that a bad one gets ([RFC
//! 6750, section 2.1 and 3]). Tokens in a query are not read at all (RFC 9700, section 4.3.2); a
//! form body is the endpoint's business.
//!
//! [RFC 6750, sections 2.1 and 3]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1

use std::fmt;
use std::fmt::Write;

use zeroize::Zeroizing;

use crate::basic_auth::scheme_of;
use crate::error_code::{ErrorCode, sanitize_description};
use crate::scope::Scope;

/// An access token as presented: well-formed, nothing more is known. It prints redacted and is
/// wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(Zeroizing<String>);

impl BearerToken {
    /// Reads the value of an `Authorization` header. The scheme compares without regard to case
    /// (RFC 9110, section 11.1).
    ///
    /// # Errors
    /// Returns a [`BearerFault`].
    pub fn parse(authorization: &str) -> Result<Self, BearerFault> {
        if !scheme_of(authorization).eq_ignore_ascii_case("bearer") {
            return Err(BearerFault::OtherScheme);
        }
        let token = authorization
            .split_once(' ')
            .map(|(_, rest)| rest.trim_matches(' '))
            .unwrap_or_default();
        Self::from_token(token)
    }

    /// Reads the token itself, as a form body carries it (RFC 6750, section 2.2):
    /// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    ///
    /// # Errors
    /// Returns a [`BearerFault`] for a text outside of that grammar or longer than a token may be.
    pub fn from_token(token: &str) -> Result<Self, BearerFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(BearerFault::TooLong);
        }
        let body = token.trim_end_matches('=');
        if body.is_empty() {
            return Err(BearerFault::Empty);
        }
        let b64token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if !body.bytes().all(b64token) {
            return Err(BearerFault::ForbiddenCharacter);
        }
        Ok(Self(Zeroizing::new(token.to_owned())))
    }

    /// The token itself, for looking it up or verifying it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(redacted)")
    }
}

/// A `WWW-Authenticate` challenge (RFC 6750, section 3). Without an error where no token was sent
/// (3.1).
#[derive(Clone, Debug, Default)]
pub struct BearerChallenge<'a> {
    pub realm: Option<&'a str>,
    pub error: Option<ErrorCode>,
    pub error_description: Option<&'a str>,
    /// What the token would need, with `insufficient_scope`.
    pub scope: Option<&'a Scope>,
    /// Further parameters, such as `resource_metadata` (RFC 9728, section 5.1) or `acr_values` (RFC
    /// 9470, section 3). Names are ours; values are made safe.
    pub further: &'a [(&'static str, &'a str)],
}

impl BearerChallenge<'_> {
    /// The header's value: printable ASCII, every parameter a quoted string that needs no escape.
    pub fn to_header(&self) -> String {
        let scope = self.scope.map(Scope::to_string);
        let own = [
            ("realm", self.realm),
            ("error", self.error.map(ErrorCode::as_str)),
            ("error_description", self.error_description),
            ("scope", scope.as_deref()),
        ];
        let present = own
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut header = "Bearer".to_owned();
        for (index, (name, value)) in present.chain(self.further.iter().copied()).enumerate() {
            let separator = if index == 0 { "" } else { "," };
            // The alphabet of error_description has neither quote nor backslash (RFC 6750, section
            // 3).
            let safe = sanitize_description(value);
            let _ = write!(header, "{separator} {name}=\"{safe}\"");
        }
        header
    }
}

/// Why the header has no usable token. Without a token there is a challenge and no error code; what
/// is malformed is `invalid_request` (RFC 6750, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerFault {
    #[error("the authentication scheme is not Bearer")]
    OtherScheme,
    #[error("the bearer token is empty")]
    Empty,
    #[error("the bearer token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    #[error("the bearer token contains a character outside of b64token")]
    ForbiddenCharacter,
}

impl BearerFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherScheme => "bearer_other_scheme",
            Self::Empty => "bearer_empty",
            Self::TooLong => "bearer_too_long",
            Self::ForbiddenCharacter => "bearer_forbidden_character",
        }
    }
}

const MAX_TOKEN_BYTES: usize = 16_384;
