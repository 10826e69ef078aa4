//! Ends the session here, and then at the provider: OIDC RP-Initiated Logout.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::Demo;
use super::pages::{self, Page};
use super::problem::Problem;

/// POST /sign-out
///
/// # Errors
/// Returns a [`Problem`] if the form is not from a page of this session, or the provider cannot be
/// discovered.
pub async fn sign_out(
    State(demo): State<Arc<Demo>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, Problem> {
    let sent = demo.sessions.with(&headers, |session| session.sent(&form));
    if sent != Some(true) {
        return Err(Problem::foreign_form());
    }
    // First here: whatever happens over there, this application forgets the person.
    let session = demo.sessions.end(&headers);
    let cookie = demo.sessions.expired_cookie();

    let client = demo.provider.client().await?;
    let return_to = demo.config.post_logout_redirect_uri();
    let mut request = client.logout().post_logout_redirect_uri(&return_to);
    if let Some(signed_in) = session.and_then(|session| session.signed_in) {
        request = request.id_token_hint(&signed_in.id_token);
    }
    match request.url() {
        Ok(url) => Ok(pages::redirect(url.as_str(), Some(&cookie))),
        // A provider without such an address: then this is all there is.
        Err(_) => Ok(pages::redirect("/signed-out", Some(&cookie))),
    }
}

/// GET /signed-out
pub async fn signed_out(State(demo): State<Arc<Demo>>) -> Response {
    let context = json!({"issuer": demo.config.issuer, "just_signed_out": true});
    Page::new("signed_out.html", context).into_response(StatusCode::OK)
}
