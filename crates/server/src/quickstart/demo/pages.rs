//! HTML, and the headers that go with it.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use url::Url;

use super::problem::Problem;

/// A page that is still to be rendered.
pub struct Page {
    template: &'static str,
    context: Value,
    form_targets: String,
}

impl Page {
    pub fn new(template: &'static str, context: impl Serialize) -> Self {
        let context = Value::from(Serde(context));
        Self {
            template,
            context,
            form_targets: "'self'".to_owned(),
        }
    }

    /// Browsers check `form-action` against the redirect that follows a form, too.
    pub fn forms_may_lead_to(mut self, address: Option<&str>) -> Self {
        if let Some(url) = address.and_then(|address| Url::parse(address).ok()) {
            self.form_targets.push(' ');
            self.form_targets
                .push_str(&url.origin().ascii_serialization());
        }
        self
    }

    pub fn into_response(self, status: StatusCode) -> Response {
        let rendered = TEMPLATES
            .get_template(self.template)
            .and_then(|it| it.render(self.context));
        let html = match rendered {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(template = self.template, %error, "the demo's page can't be rendered");
                return (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "This page can't be shown.",
                )
                    .into_response();
            }
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
            self.form_targets
        );
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        put(headers, CONTENT_TYPE, "text/html; charset=utf-8");
        put(headers, CONTENT_SECURITY_POLICY, &policy);
        guard(headers);
        response
    }
}

/// 303: whatever the method was, the browser continues with GET.
pub fn redirect(to: &str, set_cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    put(headers, LOCATION, to);
    if let Some(cookie) = set_cookie {
        put(headers, SET_COOKIE, cookie);
    }
    guard(headers);
    response
}

/// GET /style.css
pub async fn style() -> Response {
    let mut response = include_str!("templates/style.css").into_response();
    put(
        response.headers_mut(),
        CONTENT_TYPE,
        "text/css; charset=utf-8",
    );
    put(response.headers_mut(), X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Any other address.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

/// Unix seconds.
pub fn now() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "an application is an edge, and its pages show the time"
    )]
    let now = jiff::Timestamp::now();
    now.as_second()
}

/// Nothing of these pages is kept, framed, or named to another site.
fn guard(headers: &mut HeaderMap) {
    put(headers, CACHE_CONTROL, "no-store");
    put(headers, REFERRER_POLICY, "no-referrer");
    put(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, X_FRAME_OPTIONS, "DENY");
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Addresses, cookies and policies are ASCII, made here or by a URL parser.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Names that end in `.html` make minijinja escape every value.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, source) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("signed_out.html", include_str!("templates/signed_out.html")),
        ("signed_in.html", include_str!("templates/signed_in.html")),
        ("claims.html", include_str!("templates/claims.html")),
        ("problem.html", include_str!("templates/problem.html")),
    ] {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(name, %error, "the demo has a template that can't be read");
        }
    }
    environment
});
