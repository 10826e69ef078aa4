//! Around every request: an id, the host check, and the headers of every response.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use countersign_jose::base64url;
use countersign_oauth::request_host;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::Instrument;

use crate::error::RequestFault;
use crate::exchange::RequestId;
use crate::{Site, log};

/// The header that names a request in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware around a router of the site (`axum::middleware::from_fn_with_state`).
pub async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 12];
    site.random.fill(&mut bytes);
    let id = base64url::encode(bytes);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = log::request_span(&id, &request);
    let respond = async {
        match is_host_allowed(&site, &request) {
            true => next.run(request).await,
            false => site.error_json(&RequestFault::HostNotAllowed.into()),
        }
    };
    let mut response = respond.instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    harden(headers, site.issuer.is_https());
    response
}

fn is_host_allowed(site: &Site, request: &Request) -> bool {
    if request_host::is_probe(&site.issuer, request.uri().path()) {
        return true;
    }
    let authority = request.uri().authority().map(Authority::as_str);
    let host = request.headers().get(header::HOST);
    let host = host.map(|host| host.to_str().unwrap_or(""));
    let named = request_host::named(authority, host).unwrap_or("");
    request_host::is_served(&site.issuer, &site.settings.requests.allowed_hosts, named)
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
