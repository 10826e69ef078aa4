//! The shapes of a response that is no page: JSON, a redirect, a line of text, nothing.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::{Failure, ServerFault};

/// JSON that no cache may keep. A value that cannot be written is a failure, never an empty body.
///
/// # Errors
/// Returns [`ServerFault::ResponseFailed`].
pub fn json(value: &impl Serialize) -> Result<Response, Failure> {
    Ok(json_text(StatusCode::OK, json_bytes(value)?))
}

/// A value as JSON.
///
/// # Errors
/// Returns [`ServerFault::ResponseFailed`].
pub fn json_bytes(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value)
        .map_err(|error| Failure::from(ServerFault::ResponseFailed).detail(error.to_string()))
}

/// JSON that was written already, and that no cache may keep.
pub fn json_text(status: StatusCode, json: impl Into<Body>) -> Response {
    let mut response = Response::new(json.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// 303 (RFC 9700, section 4.12: never 307, which would send a form's password on).
pub fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = empty(StatusCode::SEE_OTHER);
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// A line of text for a probe.
pub fn text(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// A status and no body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
