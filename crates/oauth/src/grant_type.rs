//! `grant_type`: what a token request brings ([RFC 6749, section 4] and its extensions).
//!
//! [RFC 6749, section 4]: https://www.rfc-editor.org/rfc/rfc6749#section-4

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// Never sent to the token endpoint: in metadata it says that tokens come from the
    /// authorization endpoint.
    Implicit,
    /// RFC 6749, section 4.3. OAuth 2.1 and RFC 9700, section 2.4 forbid it.
    Password,
    /// RFC 8628, section 3.4.
    DeviceCode,
    /// OIDC CIBA Core, section 10.1.
    Ciba,
    /// RFC 8693, section 2.1.
    TokenExchange,
    /// RFC 7523, section 2.1.
    JwtBearer,
    /// The second step of the password grant: a one-time password.
    MfaOtp,
    /// The second step of the password grant: a code sent out of band.
    MfaOob,
}

impl GrantType {
    pub const ALL: [Self; 11] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Implicit,
        Self::Password,
        Self::DeviceCode,
        Self::Ciba,
        Self::TokenExchange,
        Self::JwtBearer,
        Self::MfaOtp,
        Self::MfaOob,
    ];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::Ciba => "urn:openid:params:grant-type:ciba",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::MfaOtp => "http://auth0.com/oauth/grant-type/mfa-otp",
            Self::MfaOob => "http://auth0.com/oauth/grant-type/mfa-oob",
        }
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for GrantType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for GrantType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown grant_type"))
    }
}
