//! RP-initiated logout (OIDC RP-Initiated Logout 1.0).
//!
//! Signing out needs either an ID token of the very session that ends, or the user's confirmation;
//! otherwise any web page could sign anybody out. A confirmation ends the session that it was shown
//! to: whoever is there in its place is asked anew. Going back to the client needs that ID token
//! and a registered address; otherwise it is a page of our own.

pub mod fault;
mod request;
mod target;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use countersign_store::SessionId;
use countersign_store::sessions::BrowserSession;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::Provider;
use crate::clients::Client;
use crate::error::{Failure, log};
use crate::exchange::{Exchange, Incoming};
use crate::pages::{LoggedOutView, LogoutView, decision, field};
use crate::repost::LeadsTo;
use crate::respond;
use crate::sealed_form::{Binding, Carried, NotOpened, SealedForm};
use fault::LogoutFault;
use request::LogoutRequest;
use target::{CarriedTarget, PostLogoutTarget};

const ENDPOINT: &str = "/logout";

/// GET and POST /logout
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let parameters = match incoming.parameters(&provider, &[]) {
        Ok(parameters) => parameters,
        Err(failure) => return provider.error_page(&failure, &exchange),
    };
    exchange.ui_locales = parameters.get("ui_locales").map(str::to_owned);
    // What our page posts; a button without its interaction is a forgery and not a request.
    let is_answer = exchange.method == Method::POST
        && [field::INTERACTION, field::DECISION]
            .iter()
            .any(|name| parameters.get(name).is_some());
    let outcome = match is_answer {
        true => confirmed(&provider, &parameters, &exchange).await,
        false => requested(&provider, &parameters, &exchange).await,
    };
    outcome.unwrap_or_else(|failure| provider.error_page(&failure, &exchange))
}

/// A request of a client, or of nobody in particular.
async fn requested(
    provider: &Provider,
    parameters: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let request = LogoutRequest::check(provider, parameters).await?;
    let location = request.target.as_ref().map(PostLogoutTarget::location);
    let leads_to = LeadsTo {
        address: location.as_deref(),
        client: request.client().map(|client| client.view()),
    };
    if let Some(again) = provider.repost(ENDPOINT, parameters, leads_to, exchange) {
        return Ok(again);
    }
    let Some(session) = provider.current_session(exchange).await? else {
        return Ok(signed_out(provider, request.target.as_ref(), exchange));
    };
    if request.is_of(provider, &session).await? {
        return end(provider, &session, request.target.as_ref(), exchange).await;
    }
    let (client, target) = (request.client(), request.target.as_ref());
    confirmation_page(provider, &session, client, target, exchange).await
}

/// The answer to the confirmation page.
async fn confirmed(
    provider: &Provider,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let opened = SealedForm::<Confirmation>::open(provider, form, exchange)?;
    if form.get(field::DECISION) != Some(decision::CONFIRM) {
        let view = LoggedOutView {
            stayed: true,
            continue_url: None,
            client: None,
        };
        return Ok(provider.page(&view, exchange));
    }
    let Confirmation { shown_to, target } = opened.carried;
    let target = still_proven(provider, target, exchange).await?;
    let target = target.as_ref();
    match provider.current_session(exchange).await? {
        Some(session) if session.id == shown_to => end(provider, &session, target, exchange).await,
        Some(other) => {
            let client = target.map(PostLogoutTarget::client);
            confirmation_page(provider, &other, client, target, exchange).await
        }
        None => Ok(signed_out(provider, target, exchange)),
    }
}

/// The way back, if the client still has it. One that was taken away meanwhile keeps nobody from
/// signing out: it only leads nowhere.
async fn still_proven(
    provider: &Provider,
    carried: Option<CarriedTarget>,
    exchange: &Exchange,
) -> Result<Option<PostLogoutTarget>, Failure> {
    let Some(carried) = carried else {
        return Ok(None);
    };
    let proven = target::prove_again(provider, carried).await?;
    if proven.is_none() {
        log::declined(LogoutFault::RedirectNotRegistered.entry(), exchange);
    }
    Ok(proven)
}

/// Ends the session, and with its epoch everything beneath; answers after that is durable.
async fn end(
    provider: &Provider,
    session: &BrowserSession,
    target: Option<&PostLogoutTarget>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    provider
        .store
        .end_session(&session.id, provider.now())
        .await?;
    Ok(signed_out(provider, target, exchange))
}

/// Back to the client where that is proven, else our own page. A cookie goes only if it came: a
/// cross-site request, which has none, must not take it away.
fn signed_out(
    provider: &Provider,
    target: Option<&PostLogoutTarget>,
    exchange: &Exchange,
) -> Response {
    let mut response = match target {
        Some(target) => respond::redirect(&target.location()),
        None => provider.page(&LoggedOutView::default(), exchange),
    };
    if exchange.cookies(&provider.cookies.session).next().is_some() {
        provider.clear_session_cookie(&mut response);
    }
    response
}

async fn confirmation_page(
    provider: &Provider,
    session: &BrowserSession,
    client: Option<&Client>,
    target: Option<&PostLogoutTarget>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let browser = provider.browser_secret(exchange);
    let form = SealedForm {
        carried: Confirmation {
            shown_to: session.id,
            target: target.map(PostLogoutTarget::carried),
        },
        binding: Binding::new(provider, &browser),
    };
    let account = provider.accounts.account(&session.sub).await?;
    let location = target.map(PostLogoutTarget::location);
    let view = LogoutView {
        action: &provider.page_path(ENDPOINT),
        interaction: &form.seal(provider)?,
        client: client.map(|client| client.view()),
        account: account.as_ref().map(|account| account.view()),
        post_logout_redirect_uri: location.as_deref(),
    };
    let mut response = provider.page(&view, exchange);
    provider.set_browser_cookie(&mut response, &browser);
    Ok(response)
}

/// The logout request as it travels through the page that asks.
#[derive(Serialize, Deserialize)]
struct Confirmation {
    /// The session that the page asked about.
    shown_to: SessionId,
    target: Option<CarriedTarget>,
}

impl Carried for Confirmation {
    const KIND: &'static str = "logouts";

    fn too_long() -> Failure {
        LogoutFault::RequestTooLong.into()
    }

    fn not_opened(_: NotOpened) -> Failure {
        LogoutFault::ConfirmationInvalid.into()
    }
}
