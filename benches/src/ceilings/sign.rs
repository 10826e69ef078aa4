//! A signed JWT per request on our accept loop: what client_credentials can at best be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::routing::post;
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use http::{StatusCode, header};

use crate::Result;

/// Such a claims set makes a JWT of about 500 bytes under ES256.
const PADDING: usize = 150;

/// A server that signs a JWT per request.
///
/// # Errors
/// If no key can be generated.
pub fn router(algorithm: SignatureAlgorithm) -> Result<Router> {
    let key = Arc::new(SigningKey::generate(algorithm)?);
    let count = Arc::new(AtomicU64::new(0));
    let padding = "p".repeat(PADDING);
    let handler = move || {
        let (key, count) = (Arc::clone(&key), Arc::clone(&count));
        let number = count.fetch_add(1, Ordering::Relaxed);
        let claims = format!(
            r#"{{"iss":"http://127.0.0.1","sub":"bench","exp":1,"iat":0,"jti":"{number:020}","padding":"{padding}"}}"#
        );
        async move {
            match key.sign_jwt("at+jwt", claims.as_bytes()) {
                Ok(token) => {
                    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer"}}"#);
                    Ok(([(header::CONTENT_TYPE, "application/json")], body))
                }
                Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
            }
        }
    };
    Ok(Router::new().route("/token", post(handler)))
}
