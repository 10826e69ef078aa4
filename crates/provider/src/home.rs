//! What stands at the issuer's own address, at the causes' pages, and at addresses that nothing has.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use countersign_web::explanation;

use crate::Provider;
use crate::error::RequestFault;
use crate::exchange::Incoming;
use crate::pages::{CauseView, HomeView, assets};

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
    let logout_url = provider.page_path("/logout");
    let view = HomeView {
        issuer: provider.issuer.as_str(),
        discovery_url: &discovery_url,
        account: account.as_ref().map(Into::into),
        logout_url: account.is_some().then_some(&logout_url),
    };
    provider.page(&view, exchange)
}

/// GET /errors/{name}: what `error_uri` leads to.
pub async fn cause_page(
    State(provider): State<Provider>,
    name: Result<Path<String>, PathRejection>,
    incoming: Incoming,
) -> Response {
    let Some(cause) = name
        .ok()
        .and_then(|Path(name)| provider.catalogue.named(&name))
    else {
        return not_found(State(provider), incoming).await;
    };
    let view = CauseView {
        code: cause.code.as_str(),
        explain: explanation(cause),
    };
    provider.page(&view, &incoming.exchange)
}

/// GET /assets/{file}
pub async fn asset(
    State(provider): State<Provider>,
    file: Result<Path<String>, PathRejection>,
    incoming: Incoming,
) -> Response {
    let wanted = file.map_or_else(|_| String::new(), |Path(file)| format!("/assets/{file}"));
    let Some(asset) = assets().iter().find(|asset| asset.path == wanted) else {
        return not_found(State(provider), incoming).await;
    };
    let mut response = asset.body.into_response();
    response.headers_mut().extend(asset.headers());
    response
}

/// Any address that nothing answers.
pub async fn not_found(State(provider): State<Provider>, incoming: Incoming) -> Response {
    provider.error_for(&RequestFault::NotFound.into(), &incoming.exchange)
}

/// An address with another method.
pub async fn method_not_allowed(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let failure = RequestFault::MethodNotAllowed.into();
    provider.error_for(&failure, &incoming.exchange)
}
