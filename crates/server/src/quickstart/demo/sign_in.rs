//! Sends the browser to the provider, and takes it back.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use countersign_client::AuthorizationResponse;
use http::HeaderMap;

use super::Demo;
use super::pages;
use super::problem::Problem;
use super::sessions::SignedIn;

/// `openid` asks for an ID token, the others for claims about the person (OpenID Connect Core,
/// section 5.4).
const SCOPE: &str = "openid profile email";

/// GET /sign-in
///
/// # Errors
/// Returns a [`Problem`] if the provider cannot be discovered, or its metadata allows no
/// authorization request.
pub async fn sign_in(
    State(demo): State<Arc<Demo>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let client = demo.provider.client().await?;
    let authorization = client.authorize().scope(SCOPE).build()?;
    // What the response will be compared with stays here, in the session of this one browser.
    let cookie = demo.sessions.keep_pending(&headers, authorization.pending);
    Ok(pages::redirect(authorization.url.as_str(), Some(&cookie)))
}

/// GET /callback
///
/// # Errors
/// Returns a [`Problem`] if the response is malformed or does not belong to a sign-in of this
/// browser, or if the provider refuses the sign-in or its tokens are not valid.
pub async fn callback(
    State(demo): State<Arc<Demo>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let response = AuthorizationResponse::from_query(&query.unwrap_or_default())?;
    // Taken out of the session, so that it works once; and only the browser that began has it.
    let pending = response
        .state()
        .and_then(|state| demo.sessions.take_pending(&headers, state));
    let pending = pending.ok_or_else(|| Problem::not_begun_here(&demo.config.base_url))?;
    let client = demo.provider.client().await?;
    let tokens = client.callback(pending, response).await?;
    let signed_in = SignedIn::new(tokens).ok_or_else(Problem::no_id_token)?;
    // A new session under a new cookie: one that an attacker planted before is worth nothing.
    let cookie = demo.sessions.sign_in(&headers, signed_in);
    Ok(pages::redirect("/", Some(&cookie)))
}
