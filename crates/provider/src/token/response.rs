//! A token response (RFC 6749, section 5.1, OpenID Connect Core, section 3.1.3.3).

use axum::response::Response;
use http::{HeaderValue, header};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::Failure;
use crate::respond;

#[derive(Serialize)]
pub(crate) struct TokenResponse {
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What was granted, so that a client need not remember what it asked for; empty where nothing
    /// of that is left (RFC 6749, section 3.3). Absent where nothing was asked for and there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl TokenResponse {
    /// RFC 6749, section 5.1: `Cache-Control: no-store` and `Pragma: no-cache`.
    ///
    /// # Errors
    /// Returns [`ServerFault::ResponseFailed`](crate::error::ServerFault::ResponseFailed) if the
    /// response cannot be serialized.
    pub fn into_http(self) -> Result<Response, Failure> {
        let mut response = respond::json(&self)?;
        let headers = response.headers_mut();
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        wipe(self);
        Ok(response)
    }
}

fn wipe(tokens: TokenResponse) {
    drop(Zeroizing::new(tokens.access_token));
    drop(tokens.refresh_token.map(Zeroizing::new));
}
