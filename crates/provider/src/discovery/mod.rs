//! Discovery (OIDC Discovery 4, RFC 8414 3) and the JWK set. Both are bytes made beforehand.

use axum::extract::State;
use axum::response::Response;

use crate::Provider;
use crate::respond;

/// GET /.well-known/openid-configuration and its aliases
pub async fn configuration(State(provider): State<Provider>) -> Response {
    respond::json_document(provider.documents.metadata.clone())
}

/// GET /jwks and /.well-known/jwks.json
pub async fn jwks(State(provider): State<Provider>) -> Response {
    match provider.keys.ring().await {
        Ok(ring) => respond::json_document(ring.document.clone()),
        Err(failure) => provider.error_json(&failure),
    }
}
