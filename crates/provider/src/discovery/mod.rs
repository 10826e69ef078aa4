//! Discovery (OIDC Discovery 4, RFC 8414 3) and the JWK set. Both are bytes made beforehand.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use countersign_oauth::claims::STANDARD_CLAIMS;
use countersign_oauth::issuer::Issuer;
use countersign_oauth::server_metadata::ServerMetadata;
use http::{HeaderValue, header};

use crate::Provider;
use crate::clients::STANDARD_SCOPES;
use crate::exchange::Incoming;
use crate::settings::Settings;
use crate::token::SUPPORTED_GRANT_TYPES;

/// The documents that never change while the provider runs.
pub struct Documents {
    metadata: Bytes,
}

impl Documents {
    pub(crate) fn new(issuer: &Issuer, settings: &Settings) -> Documents {
        let metadata = serde_json::to_vec(&metadata(issuer, settings)).unwrap_or_default();
        Documents {
            metadata: Bytes::from(metadata),
        }
    }
}

/// GET /.well-known/openid-configuration and its aliases
pub async fn configuration(State(provider): State<Provider>) -> Response {
    json(provider.documents.metadata.clone())
}

/// GET /jwks and /.well-known/jwks.json
pub async fn jwks(State(provider): State<Provider>, incoming: Incoming) -> Response {
    match provider.keys.ring().await {
        Ok(ring) => json(ring.document.clone()),
        Err(failure) => provider.error_json(&failure, &incoming.exchange),
    }
}

fn json(document: Bytes) -> Response {
    let mut response = Response::new(Body::from(document));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    response
}

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
        .signing_algorithms
        .iter()
        .map(|alg| alg.as_str().to_owned())
        .collect();
    let mut scopes = words(&STANDARD_SCOPES);
    scopes.extend(settings.scopes.keys().cloned());
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
    for claim in settings.scopes.values().flat_map(|scope| &scope.claims) {
        if !claims.contains(claim) {
            claims.push(claim.clone());
        }
    }
    ServerMetadata {
        issuer: issuer.as_str().to_owned(),
        authorization_endpoint: endpoint("/authorize"),
        token_endpoint: endpoint("/token"),
        userinfo_endpoint: endpoint("/userinfo"),
        jwks_uri: endpoint("/jwks"),
        end_session_endpoint: endpoint("/logout"),
        scopes_supported: scopes,
        response_types_supported: words(&["code"]),
        response_modes_supported: words(&["query", "form_post"]),
        grant_types_supported: SUPPORTED_GRANT_TYPES
            .iter()
            .map(|grant_type| grant_type.as_str().to_owned())
            .collect(),
        subject_types_supported: words(&["public"]),
        id_token_signing_alg_values_supported: algorithms,
        token_endpoint_auth_methods_supported: words(&[
            "client_secret_basic",
            "client_secret_post",
            "none",
        ]),
        claim_types_supported: words(&["normal"]),
        claims_supported: claims,
        ui_locales_supported: words(&["en", "de"]),
        code_challenge_methods_supported: words(&["S256"]),
        prompt_values_supported: words(&["none", "login", "consent", "select_account"]),
        claims_parameter_supported: Some(false),
        request_parameter_supported: Some(false),
        // Its default is true (OIDC Discovery 3), so it must be said.
        request_uri_parameter_supported: Some(false),
        authorization_response_iss_parameter_supported: Some(true),
        ..ServerMetadata::default()
    }
}
