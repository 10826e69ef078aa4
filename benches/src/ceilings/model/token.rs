//! The model's token and userinfo endpoints.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_jose::jws::CompactJws;
use countersign_jose::{base64url, digest, random};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::database::{Owner, Redeem};
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
    let refresh = secret();
    let owner = match value("grant_type") {
        Some("authorization_code") if value("redirect_uri") == Some(REDIRECT_URI) => {
            let verifier = value("code_verifier").unwrap_or_default();
            let redeem = Redeem {
                code: hash_of(value("code").unwrap_or_default()),
                challenge: base64url::encode(digest::sha256(verifier.as_bytes())),
                refresh: hash_of(&refresh),
                refresh_expires_at: now + REFRESH_LIFETIME_SECONDS,
                now,
            };
            model.database.redeem(redeem).await
        }
        Some("refresh_token") => {
            let presented = hash_of(value("refresh_token").unwrap_or_default());
            model
                .database
                .rotate(presented, hash_of(&refresh), now)
                .await
        }
        _ => None,
    };
    match owner {
        Some(owner) => tokens(&model, &owner, &refresh, now),
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
    match token.and_then(|token| subject(&model, token)) {
        Some(sub) => match model.database.claims_of(&sub) {
            Ok(Some(claims)) => json_answer(claims),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn subject(model: &Model, token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
        exp: i64,
    }
    let verified = CompactJws::decode(token)
        .ok()?
        .verify(model.key.verifying_key())
        .ok()?;
    let claims: Claims = serde_json::from_slice(verified.payload()).ok()?;
    (model.now() < claims.exp).then_some(claims.sub)
}

#[derive(Serialize)]
struct AccessToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    scope: &'a str,
    auth_time: i64,
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

fn tokens(model: &Model, owner: &Owner, refresh: &str, now: i64) -> Response {
    let jti = base64url::encode(random::bytes::<16>());
    let access = AccessToken {
        iss: ISSUER,
        sub: &owner.sub,
        aud: ISSUER,
        exp: now + LIFETIME_SECONDS,
        iat: now,
        jti: &jti,
        client_id: CLIENT_ID,
        scope: &owner.scope,
        auth_time: now,
    };
    let id = IdToken {
        iss: ISSUER,
        sub: &owner.sub,
        aud: CLIENT_ID,
        exp: now + LIFETIME_SECONDS,
        iat: now,
        auth_time: now,
        nonce: owner.nonce.as_deref(),
    };
    match (sign(model, "at+jwt", &access), sign(model, "JWT", &id)) {
        (Some(access_token), Some(id_token)) => json_answer(
            json!({
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": LIFETIME_SECONDS,
                "refresh_token": refresh,
                "id_token": id_token,
                "scope": owner.scope,
            })
            .to_string(),
        ),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn sign(model: &Model, typ: &str, claims: &impl Serialize) -> Option<String> {
    let claims = serde_json::to_vec(claims).ok()?;
    model.key.sign_jwt(typ, &claims).ok()
}

fn json_answer(body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}
