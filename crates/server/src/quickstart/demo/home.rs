//! The start page: a button to sign in, or who is signed in and what the tokens say.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use countersign_client::{UserInfo, UserinfoError};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::Demo;
use super::claims::{self, Claim, Time};
use super::pages::{self, Page};
use super::problem::Problem;
use super::sessions::SignedIn;

/// GET /
///
/// # Errors
/// Returns a [`Problem`] if the provider cannot be discovered. A problem with userinfo is shown on
/// the page.
pub async fn home(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Result<Response, Problem> {
    let session = demo.sessions.with(&headers, |session| {
        let signed_in = session.signed_in.clone()?;
        Some((signed_in, session.csrf_token.clone(), session.notice.take()))
    });
    let Some((signed_in, csrf_token, notice)) = session.flatten() else {
        let context = json!({"issuer": demo.config.issuer});
        return Ok(Page::new("signed_out.html", context).into_response(StatusCode::OK));
    };

    let client = demo.provider.client().await?;
    let SignedIn {
        id_token,
        tokens,
        refreshes,
    } = &signed_in;
    // The provider is asked at every visit, so that this page shows when a sign-in has ended there.
    let userinfo = client
        .userinfo(&tokens.access_token, id_token.subject())
        .await;
    let userinfo_claims = userinfo.as_ref().ok().map(UserInfo::claims);
    let name = userinfo_claims
        .and_then(claims::display_name)
        .or_else(|| claims::display_name(&id_token.claims().other))
        .unwrap_or_else(|| id_token.subject().to_owned());
    let now = pages::now();
    let email = userinfo_claims.and_then(|claims| claims.get("email")?.as_str().map(str::to_owned));
    let view = View {
        initial: initial(&name),
        email,
        name,
        issuer: client.issuer(),
        client_id: client.client_id(),
        csrf_token,
        notice,
        refreshes: *refreshes,
        access_token_ends: tokens.expires_at.map(|at| claims::time(at, now)),
        id_token_ends: claims::time(id_token.claims().exp, now),
        has_refresh_token: tokens.refresh_token.is_some(),
        scope: tokens.scope.as_ref().map(ToString::to_string),
        id_token: claims::of_id_token(id_token.claims(), now),
        userinfo: Userinfo::of(&userinfo, now),
    };
    // The sign-out button leads to the provider, which the page's policy has to allow.
    let sign_out_at = client.metadata().end_session_endpoint.as_deref();
    Ok(Page::new("signed_in.html", view)
        .forms_may_lead_to(sign_out_at)
        .into_response(StatusCode::OK))
}

/// What the page shows.
#[derive(Serialize)]
struct View<'a> {
    /// In the circle beside the name.
    initial: String,
    name: String,
    email: Option<String>,
    issuer: &'a str,
    client_id: &'a str,
    csrf_token: String,
    notice: Option<String>,
    refreshes: u32,
    access_token_ends: Option<Time>,
    id_token_ends: Time,
    has_refresh_token: bool,
    scope: Option<String>,
    id_token: Vec<Claim>,
    userinfo: Userinfo,
}

/// The first letter or digit of a name.
fn initial(name: &str) -> String {
    let first = name.chars().find(|character| character.is_alphanumeric());
    first
        .into_iter()
        .flat_map(char::to_uppercase)
        .take(1)
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Userinfo {
    Claims(Vec<Claim>),
    Problem {
        detail: String,
        code: &'static str,
        advice: &'static str,
    },
}

impl Userinfo {
    fn of(result: &Result<UserInfo, UserinfoError>, now: i64) -> Self {
        match result {
            Ok(userinfo) => Self::Claims(claims::of_userinfo(userinfo.claims(), now)),
            Err(error) => Self::Problem {
                detail: error.to_string(),
                code: error.code(),
                advice: advice(error),
            },
        }
    }
}

fn advice(error: &UserinfoError) -> &'static str {
    match error {
        UserinfoError::Refused { status: 401, .. } => {
            "The access token has expired, or the sign-in has ended at the provider. Press Refresh; if that also fails, sign in again."
        }
        UserinfoError::Refused { status: 403, .. } => {
            "The access token doesn't cover this. The client has to request the scope openid."
        }
        UserinfoError::Fetch(_) => {
            "Check that the provider is still running, and reload this page."
        }
        _ => "Don't use the response. The provider's log may say more.",
    }
}
