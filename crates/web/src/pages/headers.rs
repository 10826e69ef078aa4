//! The headers that every page carries.
//!
//! Not set on purpose: `Cross-Origin-Opener-Policy`. It would cut the tie between an application
//! and the pop-up window in which it lets people sign in. `Cross-Origin-Embedder-Policy` has
//! nothing to guard here.

use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, PRAGMA, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::content_security_policy::ContentSecurityPolicy;
use super::language::Language;

/// Sets the headers of an HTML page, replacing any that are there.
pub fn set_page_headers(
    headers: &mut HeaderMap,
    language: Language,
    policy: &ContentSecurityPolicy,
) {
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(CONTENT_SECURITY_POLICY, policy.to_header_value());
    set_guards(headers);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
}

/// Sets what guards any response that a browser may show: also right for redirects and assets.
pub fn set_guards(headers: &mut HeaderMap) {
    for (name, value) in GUARDS {
        headers.insert(name, value);
    }
}

const GUARDS: [(HeaderName, HeaderValue); 5] = [
    // For browsers that do not know frame-ancestors (RFC 7034).
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Addresses of these pages carry parameters of authorization requests (RFC 9700, section
    // 4.2.4).
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
];
