//! Cross-origin requests: what a script of another origin may send and read.
//!
//! Fetch, section 3.2 (the CORS protocol).

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Lets scripts of any origin read a response, and adds what a preflight (204) needs. Only for
/// addresses that read no cookie: the asterisk excludes credentials (Fetch, section 3.2.5).
pub async fn allow_any_origin(mut response: Response) -> Response {
    let is_preflight = response.status() == StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let_scripts_read(headers);
    if is_preflight {
        for (name, value) in [
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, POST, PUT, DELETE",
            ),
            // No credentials are sent, so any header may be, such as those of tracing. The asterisk
            // covers all but Authorization (Fetch, section 4.8).
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// The headers by which a script of any origin may read a response.
pub fn let_scripts_read(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("www-authenticate, x-request-id"),
    );
}
