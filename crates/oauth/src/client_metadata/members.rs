//! The members themselves, by their registered names.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::issued::without_issued;

/// One client's metadata. Absent members are `None` or empty; `null` reads as absent (RFC 7591,
/// section 2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    // RFC 7591, section 2
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// The scope that the client may ask for, space-separated. Absent: what the server allows to
    /// all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// A JWK set, kept as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_statement: Option<String>,

    // OIDC Registration, section 2
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_enc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Seconds since the last authentication after which it must be repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_auth_time: Option<bool>,
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub default_acr_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub request_uris: Vec<String>,

    // OIDC RP-Initiated Logout, section 3.1; Front-Channel Logout, section 2; Back-Channel Logout,
    // section 2.2
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_session_required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_required: Option<bool>,

    // RFC 9126, section 6; RFC 9101, section 10.5; RFC 9449, section 5.2; RFC 8705, sections 2.1.2
    // and 3.4, JARM, section 3; RFC 9701, section 6
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_signed_request_object: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_enc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<String>,

    // Our own. A self-registered client may send the first three; the rest is the operator's.
    /// Refuse authorization requests without a code_challenge. This always applies to public
    /// clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// Accept the client's assertions only if their `aud` is the issuer, as one text (FAPI 2.0
    /// Security Profile, section 5.3.2.1, point 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_client_assertion_audience: Option<bool>,
    /// The scope of a request that names none, space-separated (RFC 6749, section 3.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_scope: Option<String>,
    /// The resources of a request that names none (RFC 8707, section 2). Absent: the issuer.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub default_resources: Vec<String>,
    /// `jwt` (RFC 9068) or `opaque`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_format: Option<AccessTokenFormat>,
    /// Absent: on for public clients, off for confidential ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_refresh_tokens: Option<bool>,
    /// Remember the hash of each JWT's jti, so that a resource server can ask whether we issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist_access_tokens: Option<bool>,
    /// Read a JSON body at the token endpoint, which RFC 6749, section 3.2 does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_json_token_requests: Option<bool>,
    /// Whether the client may ask about access tokens of other clients (RFC 7662): an API that is
    /// called with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_introspect: Option<bool>,
    /// For how long a rotation may be repeated, in place of the server's `refresh_grace_seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_grace_seconds: Option<u32>,
    /// Weakens: the user is never asked whether this client may act for them. A client that no one
    /// vouches for is asked about all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_skip_consent: Option<bool>,
    /// Weakens: a code_challenge by the method `plain` is accepted (RFC 9700, section 2.1.1 forbids
    /// it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_plain_pkce: Option<bool>,

    /// Weakens: one JWT is the access token and the ID token at once, so a recipient of one
    /// holds the other too. For applications that were made for such a provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_id_token_is_access_token: Option<bool>,

    /// Members that we don't know, and language-tagged ones; never those that the server issues.
    #[serde(flatten, deserialize_with = "without_issued")]
    pub other: Map<String, Value>,
}

/// OIDC Registration, section 2. Decides which redirect URIs may be registered and whether a
/// loopback port varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    Web,
    Native,
}

impl ApplicationType {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "web" => Some(Self::Web),
            "native" => Some(Self::Native),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    #[default]
    Jwt,
    Opaque,
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
