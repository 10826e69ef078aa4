//! A static JSON document on our accept loop: what HTTP itself costs.

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::header;

/// As large as a small discovery document.
const DOCUMENT_BYTES: usize = 1_500;

pub fn router() -> Router {
    let filling = "x".repeat(DOCUMENT_BYTES - r#"{"hello":""}"#.len());
    let document = Bytes::from(format!(r#"{{"hello":"{filling}"}}"#));
    Router::new().route(
        "/",
        get(move || {
            let document = document.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], document) }
        }),
    )
}
