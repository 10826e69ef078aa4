//! What this provider offers: one list each, which discovery publishes, the endpoints enforce, and
//! the registration of clients is held to.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::Offered;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::response_type::ResponseType;

use crate::scopes;
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
pub const CLIENT_AUTH_METHODS: [ClientAuthMethod; 5] = [
    ClientAuthMethod::ClientSecretBasic,
    ClientAuthMethod::ClientSecretPost,
    ClientAuthMethod::None,
    ClientAuthMethod::PrivateKeyJwt,
    ClientAuthMethod::ClientSecretJwt,
];

/// The methods of authentication, with those that need a certificate where one can come (RFC 8705,
/// section 2).
#[must_use]
pub fn client_auth_methods(settings: &Settings) -> Vec<ClientAuthMethod> {
    let certificates = &settings.client_certificates;
    let mut methods = CLIENT_AUTH_METHODS.to_vec();
    if certificates.header.is_some() {
        methods.push(ClientAuthMethod::SelfSignedTlsClientAuth);
        if certificates.verified_header.is_some() {
            methods.push(ClientAuthMethod::TlsClientAuth);
        }
    }
    methods
}

/// How clients may sign their assertions, by a key or by a MAC (RFC 7518, section 3.1; RFC 8037,
/// section 3.1).
pub const CLIENT_ASSERTION_ALGORITHMS: [SignatureAlgorithm; 13] = [
    SignatureAlgorithm::RS256,
    SignatureAlgorithm::RS384,
    SignatureAlgorithm::RS512,
    SignatureAlgorithm::PS256,
    SignatureAlgorithm::PS384,
    SignatureAlgorithm::PS512,
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384,
    SignatureAlgorithm::ES512,
    SignatureAlgorithm::EdDSA,
    SignatureAlgorithm::HS256,
    SignatureAlgorithm::HS384,
    SignatureAlgorithm::HS512,
];

/// How a caller of introspection authenticates: as a client, but not without a credential (RFC
/// 7662, section 2.1), or by the type of its access token (RFC 8414, section 2).
pub fn introspection_auth_methods(settings: &Settings) -> Vec<String> {
    let methods = client_auth_methods(settings).into_iter();
    methods
        .filter(|method| *method != ClientAuthMethod::None)
        .map(ClientAuthMethod::as_str)
        .chain(["Bearer"])
        .map(str::to_owned)
        .collect()
}

/// Members of client metadata that are acted on here, and that not every server acts on.
pub const CLIENT_MEMBERS: [&str; 5] = [
    "software_statement",
    "logo_uri",
    "introspection_signed_response_alg",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
];

/// What a client may be registered for.
#[must_use]
pub fn to_clients(settings: &Settings) -> Offered {
    Offered {
        auth_methods: client_auth_methods(settings),
        grant_types: GRANT_TYPES.to_vec(),
        response_types: RESPONSE_TYPES.to_vec(),
        id_token_algs: settings.keys.signing_algorithms(),
        assertion_algs: CLIENT_ASSERTION_ALGORITHMS.to_vec(),
        scopes: scopes::all(settings),
        resources: settings.operator.resources.keys().cloned().collect(),
        members: CLIENT_MEMBERS.to_vec(),
    }
}

/// What a client may publish in a document at its own client_id: no shared secret, which such a
/// document can't hold, and no device flow, whose request is written before anyone has seen whom
/// it is from. A token of its own only where the operator vouches for the document.
#[must_use]
pub fn to_documents(settings: &Settings, vouched: bool) -> Offered {
    let mut offered = to_self_registered(settings, vouched);
    offered.auth_methods.retain(|method| !method.uses_secret());
    let of_a_device = |grant_type: &GrantType| *grant_type == GrantType::DeviceCode;
    offered.grant_types.retain(|known| !of_a_device(known));
    offered
}

/// What a client may register for itself. Without someone who vouches for it that is only what a
/// person consents to, so not a token of its own (RFC 6749, section 4.4).
#[must_use]
pub fn to_self_registered(settings: &Settings, vouched: bool) -> Offered {
    let mut offered = to_clients(settings);
    if !vouched {
        let of_its_own = |grant_type: &GrantType| *grant_type == GrantType::ClientCredentials;
        offered.grant_types.retain(|known| !of_its_own(known));
    }
    offered
}
