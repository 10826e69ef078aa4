//! `Authorization: Basic` as OAuth uses it: client_id and client_secret are form-encoded each, and
//! then joined and put into base64 ([RFC 6749, section 2.3.1], RFC 7617).
//!
//! Many clients leave the form-encoding out. Theirs are read as well, unless id or secret contains
//! `%` or `+`, which decoding changes; the ids and secrets that we generate contain neither.
//!
//! [RFC 6749, section 2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client_id::is_client_id;
use crate::parameters::decode_component;

/// A client's credentials. The secret prints redacted and is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    pub client_id: String,
    pub client_secret: Zeroizing<String>,
}

impl BasicCredentials {
    /// Whether a header value names this scheme at all, in any case (RFC 9110, section 11.1).
    #[must_use]
    pub fn is_basic(authorization: &str) -> bool {
        scheme_of(authorization).eq_ignore_ascii_case("basic")
    }

    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// Returns a [`BasicAuthFault`] for another scheme or credentials that can't be a client's.
    pub fn parse(authorization: &str) -> Result<Self, BasicAuthFault> {
        if authorization.len() > MAX_HEADER_BYTES {
            return Err(BasicAuthFault::TooLong);
        }
        if !Self::is_basic(authorization) {
            return Err(BasicAuthFault::OtherScheme);
        }
        let encoded = authorization
            .split_once(' ')
            .map(|(_, rest)| rest.trim_matches(' '))
            .unwrap_or_default();
        let joined = STANDARD
            .decode(encoded)
            .map_err(|_| BasicAuthFault::NotBase64)?;
        let joined = Zeroizing::new(joined);
        let colon = joined
            .iter()
            .position(|byte| *byte == b':')
            .ok_or(BasicAuthFault::NoColon)?;
        let (client_id, client_secret) = joined.split_at(colon);
        let client_secret = client_secret.get(1..).unwrap_or_default();
        let client_id = decode_component(client_id).map_err(|_| BasicAuthFault::NotFormEncoded)?;
        let client_secret = Zeroizing::new(
            decode_component(client_secret).map_err(|_| BasicAuthFault::NotFormEncoded)?,
        );
        if client_id.is_empty() {
            return Err(BasicAuthFault::NoClientId);
        }
        if !is_client_id(&client_id) {
            return Err(BasicAuthFault::NotAClientId);
        }
        if client_secret.chars().any(char::is_control) {
            return Err(BasicAuthFault::ControlCharacter);
        }
        Ok(Self {
            client_id,
            client_secret,
        })
    }

    /// The header's value, for the client's side.
    #[must_use]
    pub fn to_header(&self) -> Zeroizing<String> {
        let joined = Zeroizing::new(format!(
            "{}:{}",
            encode_component(&self.client_id),
            encode_component(&self.client_secret)
        ));
        Zeroizing::new(format!("Basic {}", STANDARD.encode(joined.as_bytes())))
    }
}

fn encode_component(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The authentication scheme of a header value: everything before the first space.
pub(crate) fn scheme_of(authorization: &str) -> &str {
    authorization.split(' ').next().unwrap_or_default()
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BasicCredentials")
            .field("client_id", &self.client_id)
            .field("client_secret", &"redacted")
            .finish()
    }
}

/// Why the header has no usable credentials. All but `OtherScheme` are `invalid_client` with a
/// challenge (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasicAuthFault {
    #[error("the authentication scheme is not Basic")]
    OtherScheme,
    #[error("the Basic credentials are longer than {MAX_HEADER_BYTES} bytes")]
    TooLong,
    #[error("the Basic credentials are not base64")]
    NotBase64,
    #[error("the Basic credentials contain no colon")]
    NoColon,
    #[error("client_id or client_secret is not form-encoded before base64")]
    NotFormEncoded,
    #[error("the client_secret of the Basic credentials contains a control character")]
    ControlCharacter,
    #[error("the user name of the Basic credentials can't be a client_id")]
    NotAClientId,
    #[error("the Basic credentials have an empty client_id")]
    NoClientId,
}

impl BasicAuthFault {
    /// The stable name of the cause, for logs and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherScheme => "basic_auth_other_scheme",
            Self::TooLong => "basic_auth_too_long",
            Self::NotBase64 => "basic_auth_not_base64",
            Self::NoColon => "basic_auth_no_colon",
            Self::NotFormEncoded => "basic_auth_not_form_encoded",
            Self::ControlCharacter => "basic_auth_control_character",
            Self::NotAClientId => "basic_auth_not_a_client_id",
            Self::NoClientId => "basic_auth_no_client_id",
        }
    }
}

const MAX_HEADER_BYTES: usize = 4_096;
