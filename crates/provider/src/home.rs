//! What stands at the issuer's own address, at the causes' pages, and at addresses that nothing has.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, header};

use crate::Provider;
use crate::authorize::journey::{account_view, page_path};
use crate::error::{self, Failure, RequestFault};
use crate::exchange::{Exchange, Incoming};
use crate::pages::{ErrorKind, ErrorView, Explanation, HomeView, Language, View, assets};

/// GET /
pub async fn page(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    let session = provider.current_session(exchange).await.ok().flatten();
    let account = match session {
        Some(session) => provider.accounts.account(&session.sub).await.ok().flatten(),
        None => None,
    };
    let discovery_url = provider
        .issuer
        .endpoint("/.well-known/openid-configuration");
    let logout_url = page_path(&provider, "/logout");
    let view = HomeView {
        issuer: provider.issuer.as_str(),
        discovery_url: &discovery_url,
        account: account.as_ref().map(account_view),
        logout_url: account.is_some().then_some(&logout_url),
    };
    provider.page(&view, exchange)
}

/// GET /errors/{name}: what `error_uri` leads to.
pub async fn cause_page(
    State(provider): State<Provider>,
    Path(name): Path<String>,
    incoming: Incoming,
) -> Response {
    let exchange = &incoming.exchange;
    let Some(cause) = error::named(&name) else {
        return not_found(State(provider), incoming).await;
    };
    let mut view = ErrorView::new(ErrorKind::InvalidRequest, exchange.request_id());
    view.explain = Some(Explanation {
        cause: cause.name,
        rule: cause.rule,
        received: Some(cause.received),
        expected: Some(cause.expected),
        fix: Some(cause.fix),
        docs_url: None,
    });
    let mut response = provider.page(&view, exchange);
    *response.status_mut() = http::StatusCode::OK;
    response
}

/// GET /assets/{file}
pub async fn asset(
    State(provider): State<Provider>,
    Path(file): Path<String>,
    incoming: Incoming,
) -> Response {
    let wanted = format!("/assets/{file}");
    let Some(asset) = assets().iter().find(|asset| asset.path == wanted) else {
        return not_found(State(provider), incoming).await;
    };
    let mut response = asset.body.into_response();
    response.headers_mut().extend(asset.headers());
    response
}

/// Any address that nothing answers.
pub async fn not_found(State(provider): State<Provider>, incoming: Incoming) -> Response {
    refused(&provider, RequestFault::NotFound.into(), &incoming.exchange)
}

/// An address with another method.
pub async fn method_not_allowed(State(provider): State<Provider>, incoming: Incoming) -> Response {
    refused(
        &provider,
        RequestFault::MethodNotAllowed.into(),
        &incoming.exchange,
    )
}

/// A page for people, JSON for programs.
pub fn refused(provider: &Provider, failure: Failure, exchange: &Exchange) -> Response {
    let accept = exchange.header(header::ACCEPT).unwrap_or("");
    let wants_page = accept.contains("text/html")
        && matches!(exchange.method, Method::GET | Method::HEAD | Method::POST);
    match wants_page {
        true => provider.error_page_of(&failure, exchange),
        false => provider.error_json(&failure, exchange),
    }
}

impl Provider {
    /// Renders a page with its headers. A template that fails is our fault and has a page of its
    /// own that cannot.
    pub fn page(&self, view: &dyn View, exchange: &Exchange) -> Response {
        let language: Language = exchange.language();
        let rendered = self.pages.render(view, language).unwrap_or_else(|error| {
            let request_id = exchange.request_id();
            tracing::error!(request_id, cause = "page_failed", detail = %error, "a page failed");
            crate::pages::RenderedPage::last_resort(request_id)
        });
        let (parts, html) = rendered.into_http().into_parts();
        let mut response = Response::from_parts(parts, axum::body::Body::from(html));
        response
            .headers_mut()
            .entry(header::VARY)
            .or_insert(HeaderValue::from_static("Accept-Language"));
        response
    }
}
