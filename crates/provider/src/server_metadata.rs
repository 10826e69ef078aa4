//! The provider's metadata (OIDC Discovery, section 3; RFC 8414, section 2), made from what is
//! offered and set.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::claims::STANDARD_CLAIMS;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::issuer::Issuer;
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::response_type::ResponseType;
use countersign_oauth::server_metadata::ServerMetadata;
use countersign_web::document::Document;

use crate::settings::Settings;
use crate::start_error::StartError;
use crate::{offered, scopes};

/// OpenID Connect Session Management 1.0, section 3.3.
pub const CHECK_SESSION_IFRAME: &str = "/check_session";

/// The documents that never change while the provider runs.
pub struct Documents {
    pub(crate) metadata: Document,
}

impl Documents {
    pub(crate) fn new(issuer: &Issuer, settings: &Settings) -> Result<Documents, StartError> {
        let metadata = serde_json::to_vec(&metadata(issuer, settings))
            .map_err(|error| StartError::Metadata(error.to_string()))?;
        let metadata = Document::new(metadata, METADATA_MAX_AGE_SECONDS)
            .map_err(|error| StartError::Metadata(format!("{error:?}")))?;
        Ok(Documents { metadata })
    }
}

/// For how long others may keep a copy of the metadata, which changes with a restart only.
const METADATA_MAX_AGE_SECONDS: i64 = 300;

/// Every field that we support, and none that we do not.
pub fn metadata(issuer: &Issuer, settings: &Settings) -> ServerMetadata {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let endpoint = |path| Some(issuer.endpoint(path));
    let algorithms: Vec<String> = settings
        .keys
        .algorithms
        .iter()
        .map(ToString::to_string)
        .collect();
    let scopes = scopes::all(settings);
    let mut claims = words(&[
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "amr",
        "sid",
    ]);
    claims.extend(
        STANDARD_CLAIMS
            .iter()
            .map(|claim| claim.name.to_owned())
            .filter(|name| name != "sub"),
    );
    for claim in settings
        .operator
        .scopes
        .values()
        .flat_map(|scope| &scope.claims)
    {
        if !claims.contains(claim) {
            claims.push(claim.clone());
        }
    }
    ServerMetadata {
        issuer: issuer.as_str().to_owned(),
        authorization_endpoint: endpoint("/authorize"),
        token_endpoint: endpoint("/token"),
        userinfo_endpoint: endpoint("/userinfo"),
        introspection_endpoint: endpoint("/introspect"),
        revocation_endpoint: endpoint("/revoke"),
        jwks_uri: endpoint("/jwks"),
        registration_endpoint: settings
            .registration
            .enabled
            .then(|| issuer.endpoint("/register")),
        end_session_endpoint: endpoint("/logout"),
        device_authorization_endpoint: endpoint("/device_authorization"),
        check_session_iframe: settings
            .logout
            .session_management
            .then(|| issuer.endpoint(CHECK_SESSION_IFRAME)),
        scopes_supported: scopes,
        response_types_supported: named(&offered::RESPONSE_TYPES, ResponseType::as_str),
        response_modes_supported: named(&offered::RESPONSE_MODES, ResponseMode::as_str),
        grant_types_supported: named(&offered::GRANT_TYPES, GrantType::as_str),
        subject_types_supported: words(&["public"]),
        introspection_signing_alg_values_supported: algorithms.clone(),
        id_token_signing_alg_values_supported: algorithms,
        token_endpoint_auth_methods_supported: named(
            &offered::client_auth_methods(settings),
            ClientAuthMethod::as_str,
        ),
        introspection_endpoint_auth_methods_supported: offered::introspection_auth_methods(
            settings,
        ),
        introspection_endpoint_auth_signing_alg_values_supported: named(
            &offered::CLIENT_ASSERTION_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        revocation_endpoint_auth_methods_supported: named(
            &offered::client_auth_methods(settings),
            ClientAuthMethod::as_str,
        ),
        revocation_endpoint_auth_signing_alg_values_supported: named(
            &offered::CLIENT_ASSERTION_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        token_endpoint_auth_signing_alg_values_supported: named(
            &offered::CLIENT_ASSERTION_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        claim_types_supported: words(&["normal"]),
        claims_supported: claims,
        ui_locales_supported: words(&["en", "de"]),
        code_challenge_methods_supported: words(&["S256"]),
        prompt_values_supported: words(&["none", "login", "consent", "select_account"]),
        claims_parameter_supported: Some(false),
        request_parameter_supported: Some(false),
        // Its default is true (OIDC Discovery, section 3), so it must be included.
        request_uri_parameter_supported: Some(false),
        authorization_response_iss_parameter_supported: Some(true),
        client_id_metadata_document_supported: settings.client_documents.enabled.then_some(true),
        protected_resources: settings.operator.resources.keys().cloned().collect(),
        // OpenID Connect Back-Channel Logout, section 2.1; Front-Channel Logout, section 3.
        frontchannel_logout_supported: Some(true),
        frontchannel_logout_session_supported: Some(true),
        backchannel_logout_supported: Some(true),
        backchannel_logout_session_supported: Some(true),
        ..ServerMetadata::default()
    }
}

/// The wire names of what is offered.
fn named<T: Copy>(offered: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    offered.iter().map(|one| name(*one).to_owned()).collect()
}
