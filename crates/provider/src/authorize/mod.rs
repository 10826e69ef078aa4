//! The authorization endpoint (RFC 6749 3.1, OIDC Core 3.1.2) and the journey behind it.
//!
//! | step | where |
//! |---|---|
//! | read the parameters, prove client and redirect URI (errors: a page) | [`target`] |
//! | check the rest of the request (errors: through the redirect URI, from here on) | [`request`] |
//! | what next? sign in, choose an account, consent, finish, refuse | [`journey`] |
//! | the form of a page comes back with the sealed request | [`interaction`] |
//! | issue the code: one act | [`finish`] |
//!
//! Sign-in and consent have their own folders and return to [`journey::proceed`].

mod fault;
pub mod finish;
pub mod interaction;
pub mod journey;
pub mod request;
pub mod target;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::{Parameters, REPEATABLE_RESOURCE};
use countersign_store::GrantId;

use crate::Provider;
use crate::clients::Client;
use crate::exchange::{Exchange, Incoming};

pub use fault::{AuthorizeFault, InteractionFault};
use interaction::{Interaction, Progress};
use journey::Decision;
use target::RedirectTarget;

/// GET and POST /authorize
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let parameters = match incoming.parameters(&provider, REPEATABLE_RESOURCE) {
        Ok(parameters) => parameters,
        Err(failure) => return provider.error_page_of(&failure, &exchange),
    };
    if let Some(again) = provider.repost("/authorize", &parameters, &exchange) {
        return again;
    }
    exchange.ui_locales = parameters.get("ui_locales").map(str::to_owned);
    match target::prove(&provider, &parameters).await {
        Ok((client, target)) => answer(&provider, client, target, &parameters, &exchange).await,
        Err(page) => provider.error_page(page.kind, &page.failure, &exchange),
    }
}

async fn answer(
    provider: &Provider,
    client: Client,
    target: RedirectTarget,
    parameters: &Parameters,
    exchange: &Exchange,
) -> Response {
    let target = match request::response_mode(&client, parameters) {
        Ok(response_mode) => target.with_response_mode(response_mode),
        Err(failure) => return target.refuse(provider, &failure, exchange),
    };
    let request = match request::check(provider, &client, target.clone(), parameters).await {
        Ok(request) => request,
        Err(failure) => return target.refuse(provider, &failure, exchange),
    };
    let session = match provider.current_session(exchange).await {
        Ok(session) => session,
        Err(failure) => return target.refuse(provider, &failure, exchange),
    };
    let browser = provider.browser_secret(exchange);
    let is_silent = request.prompt.none;
    let interaction = Interaction {
        id: GrantId::generate(&*provider.random),
        created_at: provider.now(),
        browser: browser.hash(),
        request,
        progress: Progress::default(),
    };
    let mut response = journey::proceed(
        provider,
        &client,
        interaction,
        session,
        Decision::None,
        exchange,
    )
    .await;
    // prompt=none shows no form of ours. Its answer, perhaps in a hidden frame, must not replace the
    // cookie of a sign-in page that was opened at the same moment.
    if !is_silent {
        provider.set_browser_cookie(&mut response, &browser);
    }
    response
}
