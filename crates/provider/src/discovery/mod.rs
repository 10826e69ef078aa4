//! Discovery (OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3) and the JWK set (RFC
//! 7517, section 5). Both are documents that are made once for each change, and that caches may
//! keep.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::Provider;

/// GET /.well-known/openid-configuration and its aliases
pub async fn configuration(State(provider): State<Provider>, request: HeaderMap) -> Response {
    let document = match provider.declared_resources().await {
        Ok(declared) => provider.metadata(&declared),
        Err(failure) => Err(failure),
    };
    match document {
        Ok(document) => document.respond(&request),
        Err(failure) => provider.error_json(&failure),
    }
}

/// GET /jwks and /.well-known/jwks.json
pub async fn jwks(State(provider): State<Provider>, request: HeaderMap) -> Response {
    match provider.keys.ring().await {
        Ok(ring) => ring.document.respond(&request),
        Err(failure) => provider.error_json(&failure),
    }
}
