//! What this provider offers: one list each, which discovery publishes, the endpoints enforce, and
//! the registration of clients is held to.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::{ClientMetadata, Offered};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::response_type::ResponseType;

use crate::enabled_grant::GRANT_TYPES;
use crate::resources::DeclaredResources;
use crate::scopes;
use crate::settings::Settings;

/// Whether a grant type is enabled. The implicit grant, which only the authorization endpoint uses,
/// is enabled if its response types are.
#[must_use]
pub fn enables(settings: &Settings, grant_type: GrantType) -> bool {
    match grant_type {
        GrantType::Implicit => settings.authorization.insecure_implicit_and_hybrid,
        of_token_endpoint => settings.grants.enables(of_token_endpoint),
    }
}

/// The grant types that are enabled.
#[must_use]
pub fn grant_types(settings: &Settings) -> Vec<GrantType> {
    let grant_types = GRANT_TYPES.into_iter().chain([GrantType::Implicit]);
    grant_types
        .filter(|grant_type| enables(settings, *grant_type))
        .collect()
}

/// The response types whose grant types are all enabled (RFC 7591, section 2.1). RFC 9700, section
/// 2.1.2, advises against those that return a token.
#[must_use]
pub fn response_types(settings: &Settings) -> Vec<ResponseType> {
    let is_offered = |response_type: &ResponseType| {
        let mut grant_types = response_type.grant_types().iter();
        *response_type != ResponseType::None
            && grant_types.all(|grant_type| enables(settings, *grant_type))
    };
    ResponseType::ALL.into_iter().filter(is_offered).collect()
}

/// Whether a client is registered for a grant type that is enabled.
#[must_use]
pub fn may_use(settings: &Settings, client: &ClientMetadata, grant_type: GrantType) -> bool {
    enables(settings, grant_type) && client.allows_grant(grant_type)
}

/// How a response is handed over (OAuth 2.0 Multiple Response Types, section 2.1, Form Post
/// Response Mode).
pub const RESPONSE_MODES: [ResponseMode; 3] = ResponseMode::ALL;

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
    if certificates.header.is_some() || certificates.endpoints_url.is_some() {
        methods.push(ClientAuthMethod::SelfSignedTlsClientAuth);
        let by_proxy = certificates.header.is_some() && certificates.verified_header.is_some();
        if by_proxy || certificates.authorities_file.is_some() {
            methods.push(ClientAuthMethod::TlsClientAuth);
        }
    }
    methods
}

/// How clients may sign their assertions and request objects, by a key or by a MAC (RFC 7518,
/// section 3.1; RFC 8037, section 3.1).
pub const CLIENT_SIGNATURE_ALGORITHMS: [SignatureAlgorithm; 13] = [
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
pub const CLIENT_MEMBERS: [&str; 10] = [
    "software_statement",
    "logo_uri",
    "subject_type",
    "sector_identifier_uri",
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "request_object_signing_alg",
    "require_signed_request_object",
];

/// What a client may be registered for.
#[must_use]
pub fn to_clients(settings: &Settings, declared: &DeclaredResources) -> Offered {
    Offered {
        scopes: scopes::all(settings, declared),
        resources: declared.identifiers().map(str::to_owned).collect(),
        ..without_scopes(settings)
    }
}

fn without_scopes(settings: &Settings) -> Offered {
    Offered {
        auth_methods: client_auth_methods(settings),
        grant_types: grant_types(settings),
        response_types: response_types(settings),
        id_token_algs: settings.keys.signing_algorithms(),
        client_signature_algs: CLIENT_SIGNATURE_ALGORITHMS.to_vec(),
        scopes: Vec::new(),
        resources: Vec::new(),
        members: CLIENT_MEMBERS.to_vec(),
    }
}

/// What a client may publish in a document at its own client_id: no shared secret, which such a
/// document can't hold, and no device flow, whose request is written before anyone has seen whom
/// it is from. A token of its own only where the operator vouches for the document.
#[must_use]
pub fn to_documents(settings: &Settings, vouched: bool) -> Offered {
    let mut offered = unless_vouched(without_scopes(settings), vouched);
    offered.auth_methods.retain(|method| !method.uses_secret());
    let of_a_device = |grant_type: &GrantType| *grant_type == GrantType::DeviceCode;
    offered.grant_types.retain(|known| !of_a_device(known));
    offered
}

/// What a client may register for itself. Without someone who vouches for it that is only what a
/// person consents to, so not a token of its own (RFC 6749, section 4.4).
#[must_use]
pub fn to_self_registered(
    settings: &Settings,
    declared: &DeclaredResources,
    vouched: bool,
) -> Offered {
    unless_vouched(to_clients(settings, declared), vouched)
}

fn unless_vouched(mut offered: Offered, vouched: bool) -> Offered {
    if !vouched {
        let of_its_own = |grant_type: &GrantType| *grant_type == GrantType::ClientCredentials;
        offered.grant_types.retain(|known| !of_its_own(known));
    }
    offered
}
