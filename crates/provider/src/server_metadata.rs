//! The provider's metadata (OIDC Discovery, section 3; RFC 8414, section 2), made from what is
//! offered and set.

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::acr::ONE_FACTOR;
use countersign_oauth::claims::STANDARD_CLAIMS;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::issuer::Issuer;
use countersign_oauth::response_mode::ResponseMode;
use countersign_oauth::response_type::ResponseType;
use countersign_oauth::server_metadata::ServerMetadata;
use countersign_web::document::Document;
use parking_lot::RwLock;
use serde_json::{Map, Value};

use crate::error::{Failure, ServerFault};
use crate::resources::DeclaredResources;
use crate::settings::Settings;
use crate::{offered, scopes};

/// OpenID Connect Session Management 1.0, section 3.3.
pub const CHECK_SESSION_IFRAME: &str = "/check_session";

/// The document as it was last made, and the resources that it was made of: everything else in it
/// stays the same while the provider runs.
#[derive(Default)]
pub struct Documents {
    made: RwLock<Option<(Arc<DeclaredResources>, Document)>>,
}

impl Documents {
    /// The metadata as a document.
    ///
    /// # Errors
    /// Returns [`ServerFault::ResponseFailed`] if it can't be written.
    pub(crate) fn metadata(
        &self,
        issuer: &Issuer,
        settings: &Settings,
        declared: &Arc<DeclaredResources>,
    ) -> Result<Document, Failure> {
        if let Some((of, document)) = &*self.made.read()
            && Arc::ptr_eq(of, declared)
        {
            return Ok(document.clone());
        }
        let metadata =
            serde_json::to_vec(&metadata(issuer, settings, declared)).map_err(|error| {
                Failure::from(ServerFault::ResponseFailed).detail(error.to_string())
            })?;
        let document = Document::new(metadata, METADATA_MAX_AGE_SECONDS)?;
        *self.made.write() = Some((Arc::clone(declared), document.clone()));
        Ok(document)
    }
}

/// The endpoints at which clients authenticate, by their member of `mtls_endpoint_aliases` and
/// their path.
pub(crate) const MTLS_ENDPOINTS: [(&str, &str); 4] = [
    ("token_endpoint", "/token"),
    ("revocation_endpoint", "/revoke"),
    ("introspection_endpoint", "/introspect"),
    ("device_authorization_endpoint", "/device_authorization"),
];

/// RFC 8705, section 5: the same endpoints, where certificates are asked for.
fn mtls_endpoint_aliases(issuer: &Issuer, settings: &Settings) -> Map<String, Value> {
    let Some(url) = &settings.client_certificates.endpoints_url else {
        return Map::new();
    };
    let has_device = settings.grants.enables(GrantType::DeviceCode);
    let aliases = MTLS_ENDPOINTS
        .iter()
        .filter(|(member, _)| has_device || *member != "device_authorization_endpoint");
    aliases
        .map(|(member, path)| ((*member).to_owned(), url.endpoint(issuer, path).into()))
        .collect()
}

/// For how long others may keep a copy of the metadata.
const METADATA_MAX_AGE_SECONDS: i64 = 300;

/// Every field that we support, and none that we do not.
pub fn metadata(
    issuer: &Issuer,
    settings: &Settings,
    declared: &DeclaredResources,
) -> ServerMetadata {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let response_types = offered::response_types(settings);
    let has_authorize = !response_types.is_empty();
    let at_authorize = |names: &[&str]| {
        if has_authorize {
            words(names)
        } else {
            Vec::new()
        }
    };
    let endpoint = |path| Some(issuer.endpoint(path));
    let algorithms: Vec<String> = settings
        .keys
        .algorithms
        .iter()
        .map(ToString::to_string)
        .collect();
    let scopes = scopes::all(settings, declared);
    let mut claims = words(&[
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
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
        // RFC 8414, section 2: required only if a grant type uses it.
        authorization_endpoint: has_authorize.then(|| issuer.endpoint("/authorize")),
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
        device_authorization_endpoint: settings
            .grants
            .enables(GrantType::DeviceCode)
            .then(|| issuer.endpoint("/device_authorization")),
        check_session_iframe: settings
            .logout
            .session_management
            .then(|| issuer.endpoint(CHECK_SESSION_IFRAME)),
        scopes_supported: scopes,
        response_types_supported: named(&response_types, ResponseType::as_str),
        response_modes_supported: match has_authorize {
            true => named(&offered::RESPONSE_MODES, ResponseMode::as_str),
            false => Vec::new(),
        },
        grant_types_supported: named(&offered::grant_types(settings), GrantType::as_str),
        subject_types_supported: words(&["public", "pairwise"]),
        userinfo_signing_alg_values_supported: algorithms.clone(),
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
            &offered::CLIENT_SIGNATURE_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        revocation_endpoint_auth_methods_supported: named(
            &offered::client_auth_methods(settings),
            ClientAuthMethod::as_str,
        ),
        revocation_endpoint_auth_signing_alg_values_supported: named(
            &offered::CLIENT_SIGNATURE_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        token_endpoint_auth_signing_alg_values_supported: named(
            &offered::CLIENT_SIGNATURE_ALGORITHMS,
            SignatureAlgorithm::as_str,
        ),
        claim_types_supported: words(&["normal"]),
        claims_supported: claims,
        ui_locales_supported: words(&["en", "de"]),
        code_challenge_methods_supported: at_authorize(&["S256"]),
        prompt_values_supported: at_authorize(&["none", "login", "consent", "select_account"]),
        acr_values_supported: at_authorize(&[ONE_FACTOR]),
        // Every page suits a window of any size (OpenID Connect Core, section 3.1.2.1).
        display_values_supported: at_authorize(&["page", "popup", "touch"]),
        claims_parameter_supported: Some(has_authorize),
        request_parameter_supported: Some(has_authorize),
        // Its default is true (OIDC Discovery, section 3), so it must be included.
        request_uri_parameter_supported: Some(has_authorize),
        require_request_uri_registration: has_authorize.then_some(true),
        request_object_signing_alg_values_supported: match has_authorize {
            true => named(
                &offered::CLIENT_SIGNATURE_ALGORITHMS,
                SignatureAlgorithm::as_str,
            ),
            false => Vec::new(),
        },
        authorization_response_iss_parameter_supported: Some(true),
        client_id_metadata_document_supported: settings.client_documents.enabled.then_some(true),
        protected_resources: declared.identifiers().map(str::to_owned).collect(),
        // OpenID Connect Back-Channel Logout, section 2.1; Front-Channel Logout, section 3.
        frontchannel_logout_supported: Some(true),
        frontchannel_logout_session_supported: Some(true),
        backchannel_logout_supported: Some(true),
        backchannel_logout_session_supported: Some(true),
        mtls_endpoint_aliases: mtls_endpoint_aliases(issuer, settings),
        ..ServerMetadata::default()
    }
}

/// The wire names of what is offered.
fn named<T: Copy>(offered: &[T], name: impl Fn(T) -> &'static str) -> Vec<String> {
    offered.iter().map(|one| name(*one).to_owned()).collect()
}
