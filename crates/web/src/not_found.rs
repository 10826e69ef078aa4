//! The responses to an address, or a method, that a site does not have.

use axum::extract::State;
use axum::response::Response;

use crate::Site;
use crate::error::RequestFault;
use crate::exchange::Incoming;

/// Any address that the site does not have: a router's fallback.
pub async fn not_found(State(site): State<Site>, incoming: Incoming) -> Response {
    site.error_for(&RequestFault::NotFound.into(), &incoming.exchange)
}

/// An address with a method that it does not have.
pub async fn method_not_allowed(State(site): State<Site>, incoming: Incoming) -> Response {
    let failure = RequestFault::MethodNotAllowed.into();
    site.error_for(&failure, &incoming.exchange)
}
