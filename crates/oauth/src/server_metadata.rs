//! What a provider says about itself: [OIDC Discovery, section 3], [RFC 8414, section 2], [RFC
//! 9207, section 3] and the metadata of the extensions. The provider writes it, the client reads
//! it.
//!
//! [OIDC Discovery, section 3]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
//! [RFC 8414, section 2]: https://www.rfc-editor.org/rfc/rfc8414#section-2
//! [RFC 9207, section 3]: https://www.rfc-editor.org/rfc/rfc9207#section-3

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::issuer::Issuer;

/// Where the metadata of an issuer is looked for. Without a path prefix the forms with and without
/// insertion are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WellKnownUris {
    /// `{issuer}/.well-known/openid-configuration` (OIDC Discovery, section 4).
    pub openid_configuration: String,
    /// `{origin}/.well-known/openid-configuration{prefix}` (RFC 8414, section 5).
    pub openid_configuration_inserted: String,
    /// `{origin}/.well-known/oauth-authorization-server{prefix}` (RFC 8414, section 3).
    pub oauth_authorization_server: String,
    /// `{issuer}/.well-known/oauth-authorization-server`, which some clients build after OIDC's
    /// manner.
    pub oauth_authorization_server_appended: String,
}

impl WellKnownUris {
    /// The four addresses, none twice.
    pub fn all(&self) -> Vec<&str> {
        let mut all = vec![
            self.openid_configuration.as_str(),
            &self.openid_configuration_inserted,
            &self.oauth_authorization_server,
            &self.oauth_authorization_server_appended,
        ];
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Builds the well-known addresses of an issuer.
pub fn well_known_uris(issuer: &Issuer) -> WellKnownUris {
    let (origin, prefix) = (issuer.origin(), issuer.path_prefix());
    WellKnownUris {
        openid_configuration: format!("{origin}{prefix}{OPENID_CONFIGURATION}"),
        openid_configuration_inserted: format!("{origin}{OPENID_CONFIGURATION}{prefix}"),
        oauth_authorization_server: format!("{origin}{OAUTH_AUTHORIZATION_SERVER}{prefix}"),
        oauth_authorization_server_appended: format!(
            "{origin}{prefix}{OAUTH_AUTHORIZATION_SERVER}"
        ),
    }
}

pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
pub const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// The metadata document. Absent members are `None` or empty and are not written (RFC 8414, section
/// 3.2); `null` reads as absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerMetadata {
    pub issuer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_authentication_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_session_iframe: Option<String>,

    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub scopes_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub response_types_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub response_modes_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub grant_types_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub acr_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub subject_types_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub id_token_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub id_token_encryption_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub id_token_encryption_enc_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub userinfo_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub request_object_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub introspection_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub dpop_signing_alg_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub display_values_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub claim_types_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub claims_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub claims_locales_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ui_locales_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub code_challenge_methods_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub prompt_values_supported: Vec<String>,

    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_policy_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_tos_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_parameter_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_parameter_supported: Option<bool>,
    /// Absent means true (OIDC Discovery, section 3): a provider without it says false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_uri_parameter_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_request_uri_registration: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_response_iss_parameter_supported: Option<bool>,
    /// Client ID Metadata Documents, section 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id_metadata_document_supported: Option<bool>,
    /// RFC 9728, section 4: the resources that this server issues tokens for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_session_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_supported: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,

    /// RFC 8705, section 5: endpoints by name, where the server asks for client certificates.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mtls_endpoint_aliases: Map<String, Value>,

    /// Members that we don't know, language-tagged ones among them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ServerMetadata {
    /// Reads a fetched document: one JSON object, no member twice, of bounded depth.
    ///
    /// # Errors
    /// Returns [`ServerMetadataFault::Malformed`].
    pub fn from_json(json: &[u8]) -> Result<Self, ServerMetadataFault> {
        let mut object = countersign_jose::json::parse_object(json).map_err(|error| {
            ServerMetadataFault::Malformed {
                reason: error.to_string(),
            }
        })?;
        object.retain(|_, value| !value.is_null());
        serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
            ServerMetadataFault::Malformed {
                reason: crate::error_code::sanitize_description(&error.to_string()),
            }
        })
    }

    /// The document must be of the issuer that was asked for, octet by octet (OIDC Discovery,
    /// section 4.3, RFC 8414, section 3.3): otherwise one provider could speak in another's name.
    ///
    /// # Errors
    /// Returns [`ServerMetadataFault::IssuerMismatch`].
    pub fn check_issuer(&self, expected: &str) -> Result<(), ServerMetadataFault> {
        if self.issuer == expected {
            Ok(())
        } else {
            Err(ServerMetadataFault::IssuerMismatch)
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerMetadataFault {
    #[error("the metadata is not a JSON object of the expected shape: {reason}")]
    Malformed { reason: String },
    #[error("the metadata is for an issuer other than the one that was requested")]
    IssuerMismatch,
}

impl ServerMetadataFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "server_metadata_malformed",
            Self::IssuerMismatch => "server_metadata_issuer_mismatch",
        }
    }
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
