//! A JWT verified per request, and then a static document: what an endpoint that takes JWT access
//! tokens can at best be.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jws::CompactJws;
use countersign_jose::key::SigningKey;
use http::{HeaderMap, StatusCode, header};

use super::hello;
use crate::Result;

/// Such a claims set makes a JWT as long as an access token of Countersign.
const PADDING: usize = 250;

/// `GET /token` returns a token as text, and `GET /verified` verifies it.
///
/// # Errors
/// If no key can be generated.
pub fn router(algorithm: SignatureAlgorithm) -> Result<Router> {
    let key = Arc::new(SigningKey::generate(algorithm)?);
    let claims = format!(r#"{{"sub":"bench","padding":"{}"}}"#, "p".repeat(PADDING));
    let token = Bytes::from(key.sign_jwt("at+jwt", claims.as_bytes())?);
    let document = hello::document();
    let verified = move |headers: HeaderMap| {
        let document = document.clone();
        let is_good = bearer(&headers).is_some_and(|token| {
            CompactJws::decode(token).is_ok_and(|jws| jws.verify(key.verifying_key()).is_ok())
        });
        async move {
            match is_good {
                true => Ok(([(header::CONTENT_TYPE, "application/json")], document)),
                false => Err(StatusCode::UNAUTHORIZED),
            }
        }
    };
    Ok(Router::new()
        .route("/token", get(move || async move { token.clone() }))
        .route("/verified", get(verified)))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}
