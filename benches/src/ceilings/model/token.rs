//! The model's token and userinfo endpoints: opaque access tokens, one signature per token
//! response.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_jose::{base64url, digest};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::json;

use super::database::{Issue, Owner, Redeem};
use super::{Model, hash_of, read, secret};
use crate::journeys::{CLIENT_ID, REDIRECT_URI};

const ISSUER: &str = "http://127.0.0.1";
const LIFETIME_SECONDS: i64 = 600;
const REFRESH_LIFETIME_SECONDS: i64 = 30 * 86_400;

/// POST /token
pub(super) async fn endpoint(
    State(model): State<Arc<Model>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if !model.is_client(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let form = read(&body);
    let value = |name: &str| form.get(name).map(String::as_str);
    let now = model.now();
    let (access, refresh) = (secret(), secret());
    let issue = Issue {
        refresh: hash_of(&refresh),
        access: hash_of(&access),
        access_expires_at: now + LIFETIME_SECONDS,
        now,
    };
    let owner = match value("grant_type") {
        Some("authorization_code") if value("redirect_uri") == Some(REDIRECT_URI) => {
            let verifier = value("code_verifier").unwrap_or_default();
            let redeem = Redeem {
                code: hash_of(value("code").unwrap_or_default()),
                challenge: base64url::encode(digest::sha256(verifier.as_bytes())),
                refresh_expires_at: now + REFRESH_LIFETIME_SECONDS,
            };
            model.database.redeem(redeem, issue).await
        }
        Some("refresh_token") => {
            let presented = hash_of(value("refresh_token").unwrap_or_default());
            model.database.rotate(presented, issue).await
        }
        _ => None,
    };
    match owner {
        Some(owner) => tokens(&model, &owner, &access, &refresh, now),
        None => (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#).into_response(),
    }
}

/// POST /insert: client_credentials with an opaque token, which is a durable row.
pub(super) async fn insert_opaque(State(model): State<Arc<Model>>, headers: HeaderMap) -> Response {
    if !model.is_client(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let token = secret();
    let expires_at = model.now() + LIFETIME_SECONDS;
    if !model
        .database
        .insert_token(hash_of(&token), expires_at)
        .await
    {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let body = format!(
        r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{LIFETIME_SECONDS}}}"#
    );
    json_answer(body)
}

/// GET /userinfo
pub(super) async fn userinfo(State(model): State<Arc<Model>>, headers: HeaderMap) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let claims = token.map(|token| model.database.claims_of(&hash_of(token), model.now()));
    match claims {
        Some(Ok(Some(claims))) => json_answer(claims),
        Some(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Ok(None)) | None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

fn tokens(model: &Model, owner: &Owner, access: &str, refresh: &str, now: i64) -> Response {
    let id = IdToken {
        iss: ISSUER,
        sub: &owner.sub,
        aud: CLIENT_ID,
        exp: now + LIFETIME_SECONDS,
        iat: now,
        auth_time: now,
        nonce: owner.nonce.as_deref(),
    };
    let signed = serde_json::to_vec(&id)
        .ok()
        .and_then(|id| model.key.sign_jwt("JWT", &id).ok());
    match signed {
        Some(id_token) => json_answer(
            json!({
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": LIFETIME_SECONDS,
                "refresh_token": refresh,
                "id_token": id_token,
                "scope": owner.scope,
            })
            .to_string(),
        ),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json_answer(body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}
