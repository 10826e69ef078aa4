//! Nine names for what a client may do, as older tools write them (`validFlow`), and as people read
//! them.
//!
//! They are views: stored are `grant_types`, `response_types` and `require_pkce`, and nothing else.
//! One client may therefore show more names than it was given: a client that may use the code flow
//! without PKCE may also use it with (uninvited PKCE is always accepted) and may ask for `openid`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::client_metadata::ClientMetadata;
use crate::grant_type::GrantType;
use crate::response_type::ResponseType;

/// The flows that the client's metadata amounts to, in the order of [`FlowName::ALL`]. If it
/// amounts to every one, the result is `all` only.
pub fn flows_of(client: &ClientMetadata) -> Vec<FlowName> {
    let flows: Vec<FlowName> = FlowName::EACH
        .into_iter()
        .filter(|flow| flow.is_allowed_to(client))
        .collect();
    if flows.len() == FlowName::EACH.len() {
        vec![FlowName::All]
    } else {
        flows
    }
}

/// Writes the flows into the metadata. Grant types that no flow name covers (token exchange,
/// CIBA, implicit and others) stay as they are, and so do response types other than `code`.
pub fn apply_flows(client: &mut ClientMetadata, flows: &[FlowName]) {
    let listed = |flow| flows.contains(&FlowName::All) || flows.contains(&flow);
    let code = listed(FlowName::AuthorizationCode)
        || listed(FlowName::AuthorizationCodeWithPkce)
        || listed(FlowName::OidcAuthorizationCode);

    let mut grant_types: Vec<String> = Vec::new();
    let named = FlowName::EACH.into_iter().filter(|flow| listed(*flow));
    for grant_type in named.flat_map(|flow| flow.grant_types()) {
        if !grant_types.iter().any(|name| name == grant_type.as_str()) {
            grant_types.push(grant_type.as_str().to_owned());
        }
    }
    let stays = |name: &String| {
        GrantType::parse(name).is_none_or(|grant_type| !FLOW_GRANTS.contains(&grant_type))
    };
    grant_types.extend(
        client
            .grant_types
            .take()
            .into_iter()
            .flatten()
            .filter(stays),
    );

    let mut response_types: Vec<String> = Vec::new();
    if code {
        response_types.push(ResponseType::Code.as_str().to_owned());
    }
    let stays = |name: &String| ResponseType::parse(name) != Some(ResponseType::Code);
    response_types.extend(
        client
            .response_types
            .take()
            .into_iter()
            .flatten()
            .filter(stays),
    );

    client.grant_types = Some(grant_types);
    client.response_types = Some(response_types);
    // The stricter reading: "with PKCE" next to "OIDC, with or without" demands it.
    client.require_pkce = code.then(|| {
        listed(FlowName::AuthorizationCodeWithPkce) && !listed(FlowName::AuthorizationCode)
    });
}

/// Whether every text is a flow's name.
pub fn are_valid_flows<T: AsRef<str>>(names: &[T]) -> bool {
    names
        .iter()
        .all(|name| FlowName::parse(name.as_ref()).is_some())
}

/// The identifiers of the flows with their names for people.
pub fn flow_names(flows: &[FlowName]) -> BTreeMap<&'static str, &'static str> {
    flows
        .iter()
        .map(|flow| (flow.as_str(), flow.friendly_name()))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FlowName {
    #[serde(rename = "all")]
    All,
    #[serde(rename = "authorizationCode")]
    AuthorizationCode,
    #[serde(rename = "authorizationCodeWithPKCE")]
    AuthorizationCodeWithPkce,
    #[serde(rename = "clientCredentials")]
    ClientCredentials,
    #[serde(rename = "device_code")]
    DeviceCode,
    #[serde(rename = "oidcAuthorizationCode")]
    OidcAuthorizationCode,
    #[serde(rename = "password")]
    Password,
    #[serde(rename = "passwordMfa")]
    PasswordMfa,
    #[serde(rename = "refresh_token")]
    RefreshToken,
}

impl FlowName {
    pub const ALL: [Self; 9] = [
        Self::All,
        Self::AuthorizationCode,
        Self::AuthorizationCodeWithPkce,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::OidcAuthorizationCode,
        Self::Password,
        Self::PasswordMfa,
        Self::RefreshToken,
    ];

    /// Each single flow: every name but `all`.
    pub const EACH: [Self; 8] = [
        Self::AuthorizationCode,
        Self::AuthorizationCodeWithPkce,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::OidcAuthorizationCode,
        Self::Password,
        Self::PasswordMfa,
        Self::RefreshToken,
    ];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == name)
    }

    /// The identifier.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::AuthorizationCode => "authorizationCode",
            Self::AuthorizationCodeWithPkce => "authorizationCodeWithPKCE",
            Self::ClientCredentials => "clientCredentials",
            Self::DeviceCode => "device_code",
            Self::OidcAuthorizationCode => "oidcAuthorizationCode",
            Self::Password => "password",
            Self::PasswordMfa => "passwordMfa",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The name for people.
    pub fn friendly_name(self) -> &'static str {
        match self {
            Self::All => "All Flows",
            Self::AuthorizationCode => "Authorization Code",
            Self::AuthorizationCodeWithPkce => "Authorization Code with PKCE",
            Self::ClientCredentials => "Client Credentials",
            Self::DeviceCode => "Device Code",
            Self::OidcAuthorizationCode => "OIDC Authorization Code",
            Self::Password => "Password",
            Self::PasswordMfa => "Password MFA",
            Self::RefreshToken => "Refresh Token",
        }
    }

    /// The grant types that the flow brings to the token endpoint.
    pub fn grant_types(self) -> &'static [GrantType] {
        match self {
            Self::All => FLOW_GRANTS,
            Self::AuthorizationCode
            | Self::AuthorizationCodeWithPkce
            | Self::OidcAuthorizationCode => &[GrantType::AuthorizationCode],
            Self::ClientCredentials => &[GrantType::ClientCredentials],
            Self::DeviceCode => &[GrantType::DeviceCode],
            Self::Password => &[GrantType::Password],
            Self::PasswordMfa => &[GrantType::Password, GrantType::MfaOtp, GrantType::MfaOob],
            Self::RefreshToken => &[GrantType::RefreshToken],
        }
    }

    fn is_allowed_to(self, client: &ClientMetadata) -> bool {
        let grants = self
            .grant_types()
            .iter()
            .all(|grant_type| client.allows_grant(*grant_type));
        let response_type = !self.grant_types().contains(&GrantType::AuthorizationCode)
            || client.allows_response_type(ResponseType::Code);
        let pkce = self != Self::AuthorizationCode || !client.requires_pkce();
        grants && response_type && pkce
    }
}

impl fmt::Display for FlowName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Every grant type that a flow name covers.
const FLOW_GRANTS: &[GrantType] = &[
    GrantType::AuthorizationCode,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
    GrantType::Password,
    GrantType::MfaOtp,
    GrantType::MfaOob,
    GrantType::RefreshToken,
];
