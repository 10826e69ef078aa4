//! The transport's own responses: what can go wrong with a request before and around the
//! application.

use axum::body::Body;
use countersign_oauth::error_code::sanitize_description;
use countersign_web::cors;
use countersign_web::error::{Cause, Exposure, RequestFault, calm_description};
use countersign_web::guard::REQUEST_ID;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::fault::TransportFault;

/// Why the transport responds by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    HostMissing,
    HostNotOurs,
    PlainHttpOnTlsPort,
    BodyTooSlow,
    BodyTooLarge,
    BodyBroken,
    BodySpaceUsedUp,
    RequestTookTooLong,
    HandlerPanicked,
}

impl Fault {
    /// The cause, as the log names it and docs/errors.md explains it.
    pub(super) fn cause(self) -> Cause {
        match self {
            Fault::HostMissing => TransportFault::HostMissing.entry(),
            Fault::HostNotOurs => RequestFault::HostNotAllowed.entry(),
            Fault::PlainHttpOnTlsPort => TransportFault::PlainHttpOnTlsPort.entry(),
            Fault::BodyTooSlow => TransportFault::BodyTooSlow.entry(),
            Fault::BodyTooLarge => RequestFault::BodyTooLarge.entry(),
            Fault::BodyBroken => RequestFault::BodyUnreadable.entry(),
            Fault::BodySpaceUsedUp => TransportFault::BodySpaceUsedUp.entry(),
            Fault::RequestTookTooLong => TransportFault::RequestTookTooLong.entry(),
            Fault::HandlerPanicked => TransportFault::HandlerPanicked.entry(),
        }
    }

    fn status(self) -> StatusCode {
        StatusCode::from_u16(self.cause().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What the peer is told: the cause if it is in the form of the request, otherwise the code's
    /// one calm sentence.
    fn description(self) -> String {
        let cause = self.cause();
        match cause.exposure {
            Exposure::Shape => {
                let received = sanitize_description(cause.received);
                format!("{received} (cause: {})", cause.name)
            }
            Exposure::Hidden => calm_description(cause.code).to_owned(),
        }
    }

    /// Whether the rest of the request is still on its way, so that the connection can't be used
    /// again.
    fn leaves_body_unread(self) -> bool {
        matches!(
            self,
            Fault::BodyTooSlow | Fault::BodyTooLarge | Fault::BodyBroken | Fault::BodySpaceUsedUp
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

/// The response to `fault`, a page or JSON, and its request id.
pub(super) fn respond(fault: Fault, as_page: bool) -> (Response<Body>, String) {
    let status = fault.status();
    let request_id = countersign_jose::base64url::encode(countersign_jose::random::bytes::<12>());
    let (content_type, text) = if as_page {
        (
            "text/html; charset=utf-8",
            page(status, &fault.description(), &request_id),
        )
    } else {
        ("application/json", json(fault))
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
    if !as_page && fault != Fault::HostNotOurs {
        // A script that may call the address has to be told why it failed. Nothing of a user is in
        // it, so it does no harm at the other addresses.
        cors::let_scripts_read(headers);
    }
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

/// The response to `fault` as HTTP/1.1 has it on the wire, for a connection on which nothing else
/// is written.
pub(super) fn written_out(fault: Fault) -> Vec<u8> {
    let (status, body) = (fault.status(), json(fault));
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

fn json(fault: Fault) -> String {
    let error = fault.cause().code.as_str();
    serde_json::json!({ "error": error, "error_description": fault.description() }).to_string()
}

/// Every part is ours: nothing of the request reaches the page.
fn page(status: StatusCode, description: &str, request_id: &str) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head><body><main><h1>{title}</h1><p>{description}</p><p>Request <code>{request_id}</code></p></main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;

    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn every_answer_of_the_transport_has_a_cause_that_is_explained() {
        for (fault, name, status) in [
            (Fault::HostMissing, "host_missing", 400),
            (Fault::HostNotOurs, "host_not_allowed", 421),
            (Fault::PlainHttpOnTlsPort, "plain_http_on_tls_port", 400),
            (Fault::BodyTooSlow, "body_too_slow", 408),
            (Fault::BodyTooLarge, "body_too_large", 413),
            (Fault::BodyBroken, "body_unreadable", 400),
            (Fault::BodySpaceUsedUp, "body_space_used_up", 503),
            (Fault::RequestTookTooLong, "request_took_too_long", 503),
            (Fault::HandlerPanicked, "handler_panicked", 500),
        ] {
            assert_eq!(catalogue().named(name), Some(fault.cause()));
            let (response, _) = respond(fault, false);
            assert_eq!(response.status(), status, "{name}");
            let readable = response
                .headers()
                .get(ACCESS_CONTROL_ALLOW_ORIGIN)
                .is_some();
            assert_eq!(readable, fault != Fault::HostNotOurs, "{name}");
            let (page, _) = respond(fault, true);
            assert!(!page.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
            let is_told = fault.cause().exposure == Exposure::Shape;
            assert_eq!(fault.description().contains(name), is_told, "{name}");
        }
        assert!(catalogue().named("connections_used_up").is_some());
    }
}
