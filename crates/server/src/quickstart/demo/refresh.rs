//! New tokens for old, without the person: RFC 6749, section 6.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use countersign_client::TokenSet;
use http::HeaderMap;

use super::Demo;
use super::claims;
use super::pages;
use super::problem::Problem;

/// POST /refresh
///
/// # Errors
/// Returns a [`Problem`] if the form is not from a page of this session, no one is signed in, there
/// is no refresh token, or the provider refuses it or cannot be reached.
pub async fn refresh(
    State(demo): State<Arc<Demo>>,
    headers: HeaderMap,
    form: Bytes,
) -> Result<Response, Problem> {
    let session = demo.sessions.with(&headers, |session| {
        session.sent(&form).then(|| session.signed_in.clone())
    });
    let signed_in = session.flatten().ok_or_else(Problem::foreign_form)?;
    let signed_in = signed_in.ok_or_else(Problem::no_one_signed_in)?;
    let refresh_token = signed_in.tokens.refresh_token.as_ref();
    let refresh_token = refresh_token.ok_or_else(Problem::no_refresh_token)?;

    let client = demo.provider.client().await?;
    // A new ID token must be about the same person and the same sign-in.
    let user = signed_in.id_token.signed_in_user();
    let tokens = match client
        .refresh(refresh_token)
        .signed_in_user(&user)
        .send()
        .await
    {
        Ok(tokens) => tokens,
        // It has ended over there, so it ends here.
        Err(error) if error.is_invalid_grant() => {
            demo.sessions.end(&headers);
            return Err(Problem::ended_at_provider(&error));
        }
        Err(error) => return Err(Problem::from(error)),
    };
    let notice = notice(&tokens);
    let refreshed = signed_in.refreshed(tokens);
    demo.sessions.with(&headers, |session| {
        session.signed_in = Some(refreshed);
        session.notice = Some(notice);
    });
    Ok(pages::redirect("/", None))
}

fn notice(tokens: &TokenSet) -> String {
    let until = match tokens.expires_at {
        Some(at) => {
            let ends = claims::time(at, pages::now());
            format!(
                "The new access token expires {} ({}).",
                ends.relative, ends.absolute
            )
        }
        None => "The provider didn't say when the new access token expires.".to_owned(),
    };
    let id_token = match &tokens.id_token {
        Some(_) => "A new ID token came with it, about the same person.",
        None => "No new ID token came with it; the first one is still shown.",
    };
    format!("Refreshed. {until} {id_token}")
}
