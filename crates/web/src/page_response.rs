//! How an endpoint shows a page.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

use crate::error::{Failure, ServerFault};
use crate::exchange::Exchange;
use crate::pages::{RenderedPage, View};
use crate::{Site, log};

impl Site {
    /// Renders a page with its headers. A template that fails is our fault and has a page of its
    /// own that cannot.
    pub fn page(&self, view: &dyn View, exchange: &Exchange) -> Response {
        let rendered = self.pages.render(view, exchange.language());
        let rendered = rendered.unwrap_or_else(|error| {
            let request_id = exchange.request_id();
            let failure = Failure::from(ServerFault::PageFailed).detail(error.to_string());
            log::failed(&failure);
            RenderedPage::last_resort(request_id)
        });
        let (parts, html) = rendered.into_http().into_parts();
        let mut response = Response::from_parts(parts, Body::from(html));
        response
            .headers_mut()
            .entry(header::VARY)
            .or_insert(HeaderValue::from_static("Accept-Language"));
        response
    }
}
