//! Where a grant comes from, and what only a grant of that origin has.

use serde::{Deserialize, Serialize};

use crate::{ActId, SecretHash};

/// How a grant came to be. What only one origin needs is in its variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An authorization request (RFC 6749, section 4.1).
    Code { code: Voucher, request: CodeRequest },
    /// An authorization request whose tokens were all in the response itself (OpenID Connect Core,
    /// section 3.2).
    Implicit,
    /// A device authorization request that the user approved (RFC 8628).
    Device { device_code: Voucher },
    /// A backchannel authentication request that the user approved (OpenID Connect CIBA Core 1.0).
    Ciba { auth_req_id: Voucher },
    /// The user's own password (RFC 6749, section 4.3).
    Password,
    /// Another token (RFC 8693).
    TokenExchange,
    /// An assertion (RFC 7523, section 2.1).
    JwtBearer,
    /// An API token that the user made ([`crate::personal_tokens`]).
    Personal(PersonalToken),
}

/// What the client redeems, once, for a grant's tokens: a code, a device code, an auth_req_id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    pub hash: SecretHash,
    pub expires_at: i64,
    pub used: Option<Used>,
}

/// When a voucher was redeemed, and by which act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    pub at: i64,
    pub by: ActId,
}

/// The fields of an API token that a user made. Its scope and its expiry are those of the grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalToken {
    /// What its user calls it.
    pub name: String,
    /// Of its secret: which of the grant's access tokens it is.
    #[serde(with = "hash_as_text")]
    pub token: SecretHash,
}

mod hash_as_text {
    use countersign_jose::base64url;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::SecretHash;

    pub fn serialize<S: Serializer>(hash: &SecretHash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::encode(hash.as_bytes()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<SecretHash, D::Error> {
        let bytes = base64url::decode(&String::deserialize(reader)?).map_err(Error::custom)?;
        SecretHash::from_slice(&bytes).ok_or_else(|| Error::custom("not 32 bytes"))
    }
}

/// What redeeming an authorization code is held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    pub redirect_uri: String,
    /// Always in S256 form, whatever the client sent (RFC 7636, section 4.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// Whether tokens were in the response beside the code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_tokens: bool,
}

impl Origin {
    /// What is redeemed for the grant's tokens, for an origin that has such a thing.
    pub fn voucher(&self) -> Option<&Voucher> {
        match self {
            Origin::Code { code, .. } => Some(code),
            Origin::Device { device_code } => Some(device_code),
            Origin::Ciba { auth_req_id } => Some(auth_req_id),
            Origin::Implicit
            | Origin::Password
            | Origin::TokenExchange
            | Origin::JwtBearer
            | Origin::Personal(_) => None,
        }
    }

    pub(super) fn voucher_mut(&mut self) -> Option<&mut Voucher> {
        match self {
            Origin::Code { code, .. } => Some(code),
            Origin::Device { device_code } => Some(device_code),
            Origin::Ciba { auth_req_id } => Some(auth_req_id),
            Origin::Implicit
            | Origin::Password
            | Origin::TokenExchange
            | Origin::JwtBearer
            | Origin::Personal(_) => None,
        }
    }
}

/// An origin without its voucher: what never changes of it, as a row keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginDetails {
    Code(CodeRequest),
    Implicit,
    Device,
    Ciba,
    Password,
    TokenExchange,
    JwtBearer,
    Personal(PersonalToken),
}

impl OriginDetails {
    pub fn of(origin: &Origin) -> OriginDetails {
        match origin {
            Origin::Code { request, .. } => OriginDetails::Code(request.clone()),
            Origin::Implicit => OriginDetails::Implicit,
            Origin::Device { .. } => OriginDetails::Device,
            Origin::Ciba { .. } => OriginDetails::Ciba,
            Origin::Password => OriginDetails::Password,
            Origin::TokenExchange => OriginDetails::TokenExchange,
            Origin::JwtBearer => OriginDetails::JwtBearer,
            Origin::Personal(token) => OriginDetails::Personal(token.clone()),
        }
    }

    /// With the voucher that is kept beside it. `None` if one is missing or is there although the
    /// origin has none: such a row is corrupt.
    pub fn with(self, voucher: Option<Voucher>) -> Option<Origin> {
        match (self, voucher) {
            (OriginDetails::Code(request), Some(code)) => Some(Origin::Code { code, request }),
            (OriginDetails::Implicit, None) => Some(Origin::Implicit),
            (OriginDetails::Device, Some(device_code)) => Some(Origin::Device { device_code }),
            (OriginDetails::Ciba, Some(auth_req_id)) => Some(Origin::Ciba { auth_req_id }),
            (OriginDetails::Password, None) => Some(Origin::Password),
            (OriginDetails::TokenExchange, None) => Some(Origin::TokenExchange),
            (OriginDetails::JwtBearer, None) => Some(Origin::JwtBearer),
            (OriginDetails::Personal(token), None) => Some(Origin::Personal(token)),
            _ => None,
        }
    }
}
