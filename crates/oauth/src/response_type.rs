//! `response_type`: what the authorization endpoint returns ([RFC 6749, section 3.1.1],
//! [OAuth 2.0 Multiple Response Types]). A set of words whose order has no meaning.
//!
//! [RFC 6749, section 3.1.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.1
//! [OAuth 2.0 Multiple Response Types]: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::grant_type::GrantType;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseType {
    Code,
    Token,
    IdToken,
    IdTokenToken,
    CodeIdToken,
    CodeToken,
    CodeIdTokenToken,
    None,
}

impl ResponseType {
    pub const ALL: [Self; 8] = [
        Self::Code,
        Self::Token,
        Self::IdToken,
        Self::IdTokenToken,
        Self::CodeIdToken,
        Self::CodeToken,
        Self::CodeIdTokenToken,
        Self::None,
    ];

    /// Reads the words in any order; one that is unknown or named twice makes the whole unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        Self::ALL.into_iter().find(|candidate| {
            let mut own: Vec<&str> = candidate.as_str().split(' ').collect();
            own.sort_unstable();
            own == words
        })
    }

    /// The spelling of the specifications and of metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
            Self::None => "none",
        }
    }

    pub fn includes_code(self) -> bool {
        self.as_str().split(' ').any(|word| word == "code")
    }

    pub fn includes_id_token(self) -> bool {
        self.as_str().split(' ').any(|word| word == "id_token")
    }

    pub fn includes_access_token(self) -> bool {
        self.as_str().split(' ').any(|word| word == "token")
    }

    /// Whether an access token or an ID token leaves the authorization endpoint.
    pub fn returns_token(self) -> bool {
        self.includes_access_token() || self.includes_id_token()
    }

    /// The grant types that a client registers for this response type (RFC 7591, section 2.1; OIDC
    /// Registration, section 2).
    pub fn grant_types(self) -> &'static [GrantType] {
        match self {
            Self::Code => &[GrantType::AuthorizationCode],
            Self::Token | Self::IdToken | Self::IdTokenToken => &[GrantType::Implicit],
            Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken => {
                &[GrantType::AuthorizationCode, GrantType::Implicit]
            }
            Self::None => &[],
        }
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for ResponseType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ResponseType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown response_type"))
    }
}
