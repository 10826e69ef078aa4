//! The transport's own answers: what can go wrong with a request before and around the application.

use axum::body::Body;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

/// The header that names a request in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why the transport answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    HostMissing,
    HostNotOurs,
    BodyTooSlow,
    BodyTooLarge,
    BodyBroken,
    BodiesUsedUpSpace,
    RequestTookTooLong,
    HandlerPanicked,
}

impl Fault {
    /// The stable name for the log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Fault::HostMissing => "host_missing",
            Fault::HostNotOurs => "host_not_ours",
            Fault::BodyTooSlow => "body_too_slow",
            Fault::BodyTooLarge => "body_too_large",
            Fault::BodyBroken => "body_broken",
            Fault::BodiesUsedUpSpace => "bodies_used_up_space",
            Fault::RequestTookTooLong => "request_took_too_long",
            Fault::HandlerPanicked => "handler_panicked",
        }
    }

    /// The status, the OAuth error code (RFC 6749, sections 4.1.2.1 and 5.2) and the sentence.
    fn wire(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            // RFC 9112, section 3.2: a request without one valid Host is answered 400.
            Fault::HostMissing => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The request needs exactly one valid Host.",
            ),
            // RFC 9110, section 15.5.20.
            Fault::HostNotOurs => (
                StatusCode::MISDIRECTED_REQUEST,
                "invalid_request",
                "This server does not answer for that host name.",
            ),
            // RFC 9110, section 15.5.9.
            Fault::BodyTooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "invalid_request",
                "The request's body took too long to arrive.",
            ),
            Fault::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "The request's body is too large.",
            ),
            Fault::BodyBroken => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The request's body could not be read.",
            ),
            Fault::BodiesUsedUpSpace | Fault::RequestTookTooLong => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The server is busy. Please try again in a moment.",
            ),
            Fault::HandlerPanicked => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "Something went wrong on our side.",
            ),
        }
    }

    /// Whether the rest of the request is still on its way, so that the connection can't be used again.
    fn leaves_body_unread(self) -> bool {
        matches!(
            self,
            Fault::BodyTooSlow | Fault::BodyTooLarge | Fault::BodyBroken | Fault::BodiesUsedUpSpace
        )
    }
}

/// Whether the peer is likely a browser.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The answer to `fault`, a page or JSON, and its request id.
pub(super) fn respond(fault: Fault, as_page: bool) -> (Response<Body>, String) {
    let (status, error, sentence) = fault.wire();
    let request_id = countersign_jose::base64url::encode(countersign_jose::random::bytes::<12>());
    let (content_type, text) = if as_page {
        (
            "text/html; charset=utf-8",
            page(status, sentence, &request_id),
        )
    } else {
        (
            "application/json",
            serde_json::json!({ "error": error, "error_description": sentence }).to_string(),
        )
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if fault.leaves_body_unread() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    (response, request_id)
}

/// Every part is ours: nothing of the request reaches the page.
fn page(status: StatusCode, sentence: &str, request_id: &str) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head><body><main><h1>{title}</h1><p>{sentence}</p><p>Request <code>{request_id}</code></p></main></body></html>"
    )
}
