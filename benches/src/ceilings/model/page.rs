//! The login page, about as long as Countersign's.

use axum::response::{Html, IntoResponse, Response};

const STYLE: &str = "body{font:16px/1.5 system-ui;margin:0;display:grid;place-items:center;\
    min-height:100vh;background:#f6f6f8;color:#1b1b1f}main{width:min(24rem,90vw);padding:2rem;\
    border-radius:.75rem;background:#fff;box-shadow:0 1px 4px #0002}label{display:block;\
    margin-top:1rem}input{width:100%;padding:.5rem;font:inherit;box-sizing:border-box}button{\
    margin-top:1.5rem;width:100%;padding:.6rem;font:inherit;border:0;border-radius:.4rem;\
    background:#2340c8;color:#fff}";

pub(super) fn login(query: &str, direct: &str) -> Response {
    let query = escape(query);
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Sign in</title><style>{STYLE}</style></head><body>\
         <main><h1>Sign in</h1><form method=\"post\" action=\"/login\">\
         <input type=\"hidden\" name=\"query\" value=\"{query}\">\
         <input type=\"hidden\" name=\"direct\" value=\"{direct}\">\
         <label for=\"u\">Username or email</label><input id=\"u\" name=\"username\" required>\
         <label for=\"p\">Password</label><input id=\"p\" name=\"password\" type=\"password\" \
         required><button>Sign in</button></form></main></body></html>"
    ))
    .into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
