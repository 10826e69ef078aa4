//! A static JSON document on our accept loop: what HTTP itself costs.

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::header;

/// As large as a small discovery document.
const DOCUMENT_BYTES: usize = 1_500;

/// A document of that size.
pub fn document() -> Bytes {
    let filling = "x".repeat(DOCUMENT_BYTES - r#"{"hello":""}"#.len());
    Bytes::from(format!(r#"{{"hello":"{filling}"}}"#))
}

pub fn router() -> Router {
    let document = document();
    Router::new().route(
        "/",
        get(move || {
            let document = document.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], document) }
        }),
    )
}
