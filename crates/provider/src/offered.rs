//! What this provider offers: one list each, which discovery publishes, the endpoints enforce, and
//! the registration of clients is held to.

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::Offered;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::response_type::ResponseType;
use countersign_oauth::scope;

use crate::resources;
use crate::settings::Settings;

/// RFC 6749, sections 1.3 and 6; RFC 8628, section 3.4.
pub const GRANT_TYPES: [GrantType; 4] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
];

/// RFC 6749, section 3.1.1; RFC 9700, section 2.1.2 advises against the others.
pub const RESPONSE_TYPES: [ResponseType; 1] = [ResponseType::Code];

/// How a code is handed over (OAuth 2.0 Multiple Response Types 2.1, Form Post Response Mode).
pub const RESPONSE_MODES: [ResponseMode; 2] = [ResponseMode::Query, ResponseMode::FormPost];

/// RFC 6749, section 2.3.1, OpenID Connect Core, section 9.
pub const CLIENT_AUTH_METHODS: [ClientAuthMethod; 3] = [
    ClientAuthMethod::ClientSecretBasic,
    ClientAuthMethod::ClientSecretPost,
    ClientAuthMethod::None,
];

/// How a caller of introspection authenticates: as a client, but not without a credential (RFC
/// 7662, section 2.1), or by the type of its access token (RFC 8414, section 2).
pub fn introspection_auth_methods() -> Vec<String> {
    let methods = CLIENT_AUTH_METHODS.into_iter();
    methods
        .filter(|method| *method != ClientAuthMethod::None)
        .map(ClientAuthMethod::as_str)
        .chain(["Bearer"])
        .map(str::to_owned)
        .collect()
}

/// Members of client metadata that are acted on here, and that not every server acts on.
pub const CLIENT_MEMBERS: [&str; 3] = [
    "introspection_signed_response_alg",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
];

/// The scopes of OpenID Connect Core, sections 5.4 and 11; the operator's own come beside them.
pub const STANDARD_SCOPES: [&str; 6] = [
    scope::OPENID,
    scope::PROFILE,
    scope::EMAIL,
    scope::ADDRESS,
    scope::PHONE,
    scope::OFFLINE_ACCESS,
];

/// What a client may be registered for.
#[must_use]
pub fn to_clients(settings: &Settings) -> Offered {
    Offered {
        auth_methods: CLIENT_AUTH_METHODS.to_vec(),
        grant_types: GRANT_TYPES.to_vec(),
        response_types: RESPONSE_TYPES.to_vec(),
        id_token_algs: settings.keys.signing_algorithms(),
        scopes: scopes(settings),
        resources: settings.operator.resources.keys().cloned().collect(),
        members: CLIENT_MEMBERS.to_vec(),
    }
}

/// Every scope that is defined: the standard ones, the operator's own, and those of resources.
#[must_use]
pub fn scopes(settings: &Settings) -> Vec<String> {
    let own = settings.operator.scopes.keys().map(String::as_str);
    let mut scopes: Vec<String> = Vec::new();
    for name in STANDARD_SCOPES
        .into_iter()
        .chain(own)
        .chain(resources::scopes(settings))
    {
        if !scopes.iter().any(|known| known == name) {
            scopes.push(name.to_owned());
        }
    }
    scopes
}
