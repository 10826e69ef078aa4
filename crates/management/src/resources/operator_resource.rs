//! An operator's declaration of a resource, in the configuration or in the store.

use countersign_oauth::client_metadata::AccessTokenFormat;
use serde::{Deserialize, Serialize};

use crate::keys::SigningAlgorithm;

/// What access tokens are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorResource {
    /// The names of the scopes that belong to it. A scope that is not described under `scopes` is
    /// shown by its name.
    pub scopes: Vec<String>,
    /// Takes precedence over what the client registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_format: Option<AccessTokenFormat>,
    /// Takes precedence over `keys.access_token_algorithm`. One of `keys.algorithms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_algorithm: Option<SigningAlgorithm>,
    /// Takes precedence over `tokens.access_token_lifetime_seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime_seconds: Option<i64>,
    /// The client_ids of clients that may introspect its tokens, usually the API itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub introspecting_clients: Vec<String>,
    /// Whether its tokens open userinfo, so that those who run it can read the user's claims.
    pub userinfo: bool,
}
