//! What is at the issuer's own address, at the causes' pages, and at addresses that nothing has.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use countersign_web::explanation;

use crate::Provider;
use crate::error::RequestFault;
use crate::exchange::Incoming;
use crate::journey::destination::OwnPage;
use crate::pages::{CauseView, assets};
use crate::respond;

/// GET /: a person who opens the issuer's own address wants their account.
pub async fn page(State(provider): State<Provider>) -> Response {
    respond::redirect(&provider.page_path(OwnPage::Account.path()))
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
