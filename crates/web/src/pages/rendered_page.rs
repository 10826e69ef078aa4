//! A page, ready to be sent.

use http::{HeaderMap, Response, StatusCode};

use super::content_security_policy::ContentSecurityPolicy;
use super::escape::escape;
use super::headers::set_page_headers;
use super::language::Language;

/// A page, ready to be sent.
#[derive(Debug, Clone)]
pub struct RenderedPage {
    /// The status of the response.
    pub status: StatusCode,
    /// The document.
    pub html: String,
    /// The language it is in.
    pub language: Language,
    /// What it may load and where its form may lead.
    pub policy: ContentSecurityPolicy,
}

impl RenderedPage {
    /// The headers of the response.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(12);
        set_page_headers(&mut headers, self.language, &self.policy);
        headers
    }

    /// The whole response. (axum takes it as it is.)
    pub fn into_http(self) -> Response<String> {
        let headers = self.headers();
        let mut response = Response::new(self.html);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }

    /// A page without any template, for when rendering failed. It says so, and has the request's
    /// id.
    pub fn last_resort(request_id: &str) -> RenderedPage {
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Something went wrong</title>\
             <h1>Something went wrong</h1><p>The page could not be shown. Request: {}</p></html>",
            escape(request_id)
        );
        RenderedPage {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            html,
            language: Language::English,
            policy: ContentSecurityPolicy::default(),
        }
    }
}
