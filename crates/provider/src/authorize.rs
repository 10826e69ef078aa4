//! The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2). The
//! pages on the way are a [`journey`].
//!
//! | step | where |
//! |---|---|
//! | read the parameters, prove client and redirect URI (errors: a page) | [`target`] |
//! | refuse a request with a parameter that is malformed or repeated (errors: through the redirect URI, from here on) | [`request`] |
//! | send another site's POST again, from our own side | [`repost`](countersign_web::repost) |
//! | `response_type` and `response_mode` | [`request`] |
//! | check the rest of the request | [`request`] |
//! | load session and consent; what next? sign in, choose an account, consent, finish, refuse | [`journey`] |

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::{Parameters, REPEATABLE_RESOURCE, Reading};

use crate::authorization_request::target::RedirectTarget;
use crate::authorization_request::{request, target};
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::Destination;
use crate::journey::interaction::Interaction;
use crate::journey::next::Decision;
use crate::{Provider, journey};

/// GET and POST /authorize
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let Reading { parameters, fault } = match incoming.reading(&provider, REPEATABLE_RESOURCE) {
        Ok(reading) => reading,
        Err(failure) => return provider.error_page(&failure, &exchange),
    };
    let malformed = fault.map(Failure::from);
    exchange.ui_locales = parameters.get("ui_locales").map(str::to_owned);
    let mut target = match target::prove(&provider, &parameters).await {
        Ok(proven) => proven,
        Err(failure) => {
            // Perhaps the client or its redirect URI is what could not be read.
            return provider.error_page(&malformed.unwrap_or(failure), &exchange);
        }
    };
    if let Some(failure) = malformed {
        let target = target.with_response_mode(request::response_mode_for_error(&parameters));
        return target.refuse(&provider, &failure, &exchange);
    }
    if let Some(again) = provider.repost("/authorize", &parameters, &exchange) {
        return again;
    }
    match request::response_mode(&provider, target.client(), &parameters) {
        Ok(response_mode) => target = target.with_response_mode(response_mode),
        Err(failure) => {
            let target = target.with_response_mode(request::response_mode_for_error(&parameters));
            return target.refuse(&provider, &failure, &exchange);
        }
    }
    answer(&provider, target.clone(), &parameters, &exchange)
        .await
        .unwrap_or_else(|failure| target.refuse(&provider, &failure, &exchange))
}

async fn answer(
    provider: &Provider,
    target: RedirectTarget,
    parameters: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let request = request::check(provider, target.client(), parameters).await?;
    let session = provider.current_session(exchange).await?;
    let browser = provider.browser_secret(exchange);
    let is_silent = request.demand.prompt.none;
    let destination = Destination::client(target, request);
    let interaction = Interaction::begin(provider, destination, &browser);
    let none = Decision::None;
    let mut response = journey::proceed(provider, interaction, session, none, exchange).await;
    // prompt=none shows no form, so there is nothing to bind.
    if !is_silent {
        provider.set_browser_cookie(&mut response, &browser);
    }
    Ok(response)
}
