//! Token introspection (RFC 7662): what a resource server may know of a token that it was sent.
//!
//! | step | where |
//! |---|---|
//! | authenticate the caller: a client, by its credentials or its own access token (2.1) | `caller` |
//! | find the token and what is to be told of it (2.2) | `told` |
//! | answer with JSON, or with a signed JWT if that is asked for (RFC 9701) | `signed` |
//!
//! It only reads. What the caller may not know is told like what does not exist.

mod accept_header;
mod caller;
pub mod fault;
mod signed;
mod told;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::{Parameters, TOKEN_MANAGEMENT_REQUEST, name_in_query};

use crate::error::{Failure, RequestFault};
use crate::exchange::Incoming;
use crate::{Provider, respond};

/// POST /introspect
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    answer(&provider, &incoming)
        .await
        .unwrap_or_else(|failure| provider.error_json(&failure))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let form = form(provider, incoming)?;
    let caller = caller::authenticate(provider, incoming, &form).await?;
    let token = form.require("token")?;
    let wants_jwt = accept_header::prefers(&incoming.exchange.headers, signed::MEDIA_TYPE);
    let signer = match wants_jwt {
        true => Some(signed::signer(provider, &caller).await?),
        false => None,
    };
    let told = told::of(provider, &caller, token).await?;
    match signer {
        Some(signer) => signed::respond(&signer, provider, &caller, &told),
        None => respond::json(&told),
    }
}

/// The form of a request about a token. None of it may be in the query, where it would end up in
/// logs.
///
/// # Errors
/// Returns a [`RequestFault`] if the body is not a form within the limits, or if part of the
/// request is in the query.
pub(crate) fn form(provider: &Provider, incoming: &Incoming) -> Result<Parameters, Failure> {
    let query = incoming.exchange.query.as_deref().unwrap_or_default();
    if let Some(name) = name_in_query(query, TOKEN_MANAGEMENT_REQUEST) {
        let fault = Failure::from(RequestFault::QueryNotAllowed);
        return Err(fault.detail(format!("{name} was sent in the query")));
    }
    incoming.form(provider, &[])
}
