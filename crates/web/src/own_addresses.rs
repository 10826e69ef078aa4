//! The addresses that every site has: its assets and the pages of its causes.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Response};

use crate::address::Address;
use crate::exchange::Incoming;
use crate::not_found::not_found;
use crate::pages::{CauseView, assets};
use crate::{Site, explanation};

/// The addresses that every site has.
pub fn own_addresses<S>() -> [Address<S>; 2]
where
    S: Clone + Send + Sync + 'static,
    Site: FromRef<S>,
{
    [
        Address::page("/errors/{cause}").get(cause_page),
        Address::page("/assets/{file}").get(asset),
    ]
}

/// GET /errors/{cause}: what `error_uri` leads to.
async fn cause_page(
    State(site): State<Site>,
    name: Result<Path<String>, PathRejection>,
    incoming: Incoming,
) -> Response {
    let name = name.ok();
    let Some(cause) = name.and_then(|Path(name)| site.catalogue.named(&name)) else {
        return not_found(State(site), incoming).await;
    };
    let view = CauseView {
        code: cause.code.as_str(),
        explain: explanation(cause),
    };
    site.page(&view, &incoming.exchange)
}

/// GET /assets/{file}
async fn asset(
    State(site): State<Site>,
    file: Result<Path<String>, PathRejection>,
    incoming: Incoming,
) -> Response {
    let wanted = file.map_or_else(|_| String::new(), |Path(file)| format!("/assets/{file}"));
    let Some(asset) = assets().iter().find(|asset| asset.path == wanted) else {
        return not_found(State(site), incoming).await;
    };
    let mut response = asset.body.into_response();
    response.headers_mut().extend(asset.headers());
    response
}
