//! A token response (RFC 6749 5.1, OIDC Core 3.1.3.3).

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use serde::Serialize;
use zeroize::Zeroizing;

#[derive(Serialize)]
pub(super) struct TokenResponse {
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Always named, so that a client need not remember what it asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

impl TokenResponse {
    /// RFC 6749 5.1: `Cache-Control: no-store` and `Pragma: no-cache`.
    pub fn into_http(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        wipe(self);
        response
    }
}

fn wipe(tokens: TokenResponse) {
    drop(Zeroizing::new(tokens.access_token));
    drop(tokens.refresh_token.map(Zeroizing::new));
}
