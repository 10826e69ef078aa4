//! Session management (OpenID Connect Session Management 1.0): a client's page asks a frame of ours
//! whether the session that it knows is still the one of this browser.
//!
//! Off by default (`logout.session_management`). It needs a cookie that scripts of our origin can
//! read and that is sent along from other sites, and a page that any site may frame; and where a
//! browser withholds cookies from frames of other sites, the frame says `changed` for ever.
//!
//! The cookie says nothing: it is a hash of the session's id, and no secret. Its value is the
//! "OP browser state" of section 3.2: another session has another one, no session has none.

use axum::extract::State;
use axum::response::Response;
use countersign_jose::{base64url, digest};
use countersign_oauth::scope::{OPENID, Scope};
use countersign_store::sessions::BrowserSession;
use countersign_web::not_found::not_found;
use http::{HeaderValue, header};
use url::Url;

use crate::Provider;
use crate::authorization_request::target::RedirectTarget;
use crate::exchange::Incoming;

/// GET /check_session: the frame (sections 3.2 and 3.3).
pub async fn check_session_iframe(
    State(provider): State<Provider>,
    incoming: Incoming,
) -> Response {
    if !is_on(&provider) {
        return not_found(State(provider.site.clone()), incoming).await;
    }
    let cookie = &provider.cookies.state;
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Session</title>\
         </head><body data-cookie=\"{cookie}\"><script>{SCRIPT}</script></body></html>"
    );
    let mut response = Response::new(html.into());
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    let caching = HeaderValue::from_static("public, max-age=300");
    headers.insert(header::CACHE_CONTROL, caching);
    if let Ok(policy) = HeaderValue::try_from(policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The `session_state` of a response (section 2): where it is on, for a client that asks for openid
/// and whose redirect URI has an origin that a page can have.
pub(crate) fn session_state(
    provider: &Provider,
    target: &RedirectTarget,
    scope: &Scope,
    session: &BrowserSession,
) -> Option<String> {
    if !is_on(provider) || !scope.contains(OPENID) {
        return None;
    }
    let origin = Url::parse(target.redirect_uri()).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let client_id = &target.client().client_id;
    let origin = origin.ascii_serialization();
    let state = browser_state(provider, session);
    let salt = base64url::encode(provider.random.bytes::<16>());
    let text = format!("{client_id} {origin} {state} {salt}");
    let hash = base64url::encode(digest::sha256(text.as_bytes()));
    Some(format!("{hash}.{salt}"))
}

/// Tells the browser's frames which session there is now.
pub(crate) fn set_state(provider: &Provider, response: &mut Response, session: &BrowserSession) {
    if is_on(provider) {
        set(provider, response, &browser_state(provider, session), None);
    }
}

/// Tells the browser's frames that there is no session.
pub(crate) fn clear_state(provider: &Provider, response: &mut Response) {
    if is_on(provider) {
        set(provider, response, "", Some(0));
    }
}

pub(crate) fn is_on(provider: &Provider) -> bool {
    provider.settings.logout.session_management
}

fn set(provider: &Provider, response: &mut Response, value: &str, max_age: Option<i64>) {
    if let Some(cookie) = provider.cookies.set_readable_state(value, max_age) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// One value for each session, from which its id can't be found.
fn browser_state(provider: &Provider, session: &BrowserSession) -> String {
    let mut text = b"browser state".to_vec();
    text.extend_from_slice(provider.instance_id.as_bytes());
    text.extend_from_slice(session.id.as_bytes());
    base64url::encode(&digest::sha256(&text)[..16])
}

/// Nothing but the script, which is allowed by its hash (CSP Level 3, section 2.3.1), and no
/// `frame-ancestors`: any client's page may frame it.
fn policy() -> String {
    let hash = base64url::encode(digest::sha256(SCRIPT.as_bytes()));
    let hash = hash.replace('-', "+").replace('_', "/");
    format!("default-src 'none'; script-src 'sha256-{hash}='; form-action 'none'; base-uri 'none'")
}

const SCRIPT: &str = include_str!("check_session.js");
