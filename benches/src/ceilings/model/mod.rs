//! The smallest honest provider: login page, login, authorize, code, token, userinfo, refresh, each
//! durable before the response, single use kept by one conditional statement; access tokens are
//! opaque, ID tokens signed.
//!
//! What it leaves out is what Countersign adds: consent, sealed interactions, families and reuse,
//! sessions that end, epochs, events, throttling, several clients, languages, request ids.
//! Passwords are not checked: the scenarios beside it don't hash either.

mod database;
mod page;
mod token;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_jose::{base64url, digest, random};
use countersign_web::clock::{Clock, SystemClock};
use http::{HeaderMap, StatusCode, header};

use crate::Result;
use crate::journeys::{CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, basic};
use database::{Code, Database};

/// What the handlers share.
pub struct Model {
    database: Database,
    key: SigningKey,
    clock: SystemClock,
    /// SHA-256 of the only client's Authorization header.
    client: [u8; 32],
}

type Form = HashMap<String, String>;

/// The model, with its database in `folder`.
///
/// # Errors
/// If the database cannot be opened or no key can be generated.
pub fn router(folder: &Path) -> Result<Router> {
    let model = Model {
        database: Database::open(&folder.join("model.db"))?,
        key: SigningKey::generate(SignatureAlgorithm::ES256)?,
        clock: SystemClock::new(),
        client: digest::sha256(basic(CLIENT_ID, CLIENT_SECRET).as_bytes()),
    };
    Ok(Router::new()
        .route("/login", get(login_page).post(login))
        .route("/authorize", get(authorize))
        .route("/token", post(token::endpoint))
        .route("/insert", post(token::insert_opaque))
        .route("/userinfo", get(token::userinfo))
        .with_state(Arc::new(model)))
}

impl Model {
    fn now(&self) -> i64 {
        self.clock.now()
    }

    fn is_client(&self, headers: &HeaderMap) -> bool {
        let sent = headers
            .get(header::AUTHORIZATION)
            .map_or(&b""[..], |value| value.as_bytes());
        countersign_jose::constant_time_eq(&digest::sha256(sent), &self.client)
    }
}

/// GET /login
async fn login_page(RawQuery(query): RawQuery) -> Response {
    page::login(&query.unwrap_or_default(), "")
}

/// POST /login: a session, and with `direct` the code at once.
async fn login(State(model): State<Arc<Model>>, body: String) -> Response {
    let form = read(&body);
    let name = form.get("username").map_or("", String::as_str);
    let Ok(Some(sub)) = model.database.sub_of(name) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let session = secret();
    let query = form.get("query").map_or("", String::as_str);
    let cookie = format!("session={session}; Path=/; HttpOnly; SameSite=Lax");
    let to = if form.get("direct").is_some_and(|direct| direct == "1") {
        let Some((code, to)) = code(&model, sub.clone(), query) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let hash = hash_of(&session);
        if !model.database.start_session(hash, sub, Some(code)).await {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        to
    } else {
        let hash = hash_of(&session);
        if !model.database.start_session(hash, sub, None).await {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        format!("/authorize?{query}")
    };
    let headers = [(header::LOCATION, to), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// GET /authorize: the login page, or for who is signed in the code.
async fn authorize(
    State(model): State<Arc<Model>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let session = headers
        .get(header::COOKIE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("session="));
    let sub = session.and_then(|session| {
        let hash = hash_of(session);
        model.database.sub_of_session(&hash).ok().flatten()
    });
    let Some(sub) = sub else {
        return page::login(&query, "1");
    };
    let Some((code, to)) = code(&model, sub, &query) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match model.database.issue_code(code).await {
        true => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        false => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Checks the request; returns the code's row and where to send it.
fn code(model: &Model, sub: String, query: &str) -> Option<(Code, String)> {
    let request = read(query);
    let value = |name: &str| request.get(name).map(String::as_str);
    let fits = value("response_type") == Some("code")
        && value("client_id") == Some(CLIENT_ID)
        && value("redirect_uri") == Some(REDIRECT_URI)
        && value("code_challenge_method") == Some("S256");
    if !fits {
        return None;
    }
    let code = secret();
    let state: String = form_urlencoded::byte_serialize(value("state")?.as_bytes()).collect();
    let row = Code {
        hash: hash_of(&code),
        sub,
        scope: value("scope")?.to_owned(),
        nonce: value("nonce")?.to_owned(),
        challenge: value("code_challenge")?.to_owned(),
        expires_at: model.now() + 60,
    };
    Some((row, format!("{REDIRECT_URI}?code={code}&state={state}")))
}

fn read(form: &str) -> Form {
    form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

/// 256 random bits.
fn secret() -> String {
    base64url::encode(random::bytes::<32>())
}

fn hash_of(secret: &str) -> [u8; 32] {
    digest::sha256(secret.as_bytes())
}
