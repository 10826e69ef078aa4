//! Around every request: an id, the host check on loopback, and the headers of every response.

use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use countersign_jose::base64url;
use countersign_oauth::request_host;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::Instrument;

use crate::Site;
use crate::error::{Failure, RequestFault};
use crate::exchange::{Incoming, RequestId};

/// The header that names a request in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware around a router of the site (`axum::middleware::from_fn_with_state`).
pub async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 12];
    site.random.fill(&mut bytes);
    let id = base64url::encode(bytes);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = match is_host_allowed(&site, &request) {
        true => {
            let span = tracing::info_span!("request", id = %id);
            next.run(request).instrument(span).await
        }
        false => host_refused(&site, request).await,
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    harden(headers, site.issuer.is_https());
    response
}

async fn host_refused(site: &Site, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let request = Request::from_parts(parts, axum::body::Body::empty());
    match Incoming::from_request(request, site).await {
        Ok(incoming) => {
            let failure: Failure = RequestFault::HostNotAllowed.into();
            site.error_json(&failure, &incoming.exchange)
        }
    }
}

fn is_host_allowed(site: &Site, request: &Request) -> bool {
    if request_host::is_probe(&site.issuer, request.uri().path()) {
        return true;
    }
    let authority = request.uri().authority().map(Authority::as_str);
    let host = request.headers().get(header::HOST);
    let host = host.map(|host| host.to_str().unwrap_or(""));
    let named = request_host::named(authority, host).unwrap_or("");
    request_host::is_answered(&site.issuer, &site.settings.requests.allowed_hosts, named)
}

/// Sets the headers that every response carries.
fn harden(headers: &mut HeaderMap, https: bool) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if https {
        let value = HeaderValue::from_static("max-age=31536000");
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(value);
    }
}
