//! RP-initiated logout (OIDC RP-Initiated Logout 1.0).
//!
//! Signing out needs either an ID token of the very session that ends, or the user's confirmation;
//! otherwise any web page could sign anybody out. Going back to the client needs that ID token
//! and a registered address; otherwise it is a page of our own.

mod confirmation;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::id_token::{IdTokenHint, verify_id_token_hint};
use countersign_oauth::parameters::Parameters;
use countersign_oauth::post_logout_redirect_uri::RegisteredPostLogoutRedirectUri;
use countersign_store::sessions::BrowserSession;
use http::Method;

use crate::Provider;
use crate::authorize::journey::{account_view, client_view, page_path};
use crate::authorize::target::redirect;
use crate::clients::Client;
use crate::error::{Failure, causes};
use crate::exchange::{Exchange, Incoming};
use crate::pages::{ErrorKind, LoggedOutView, LogoutView, decision, field};
use confirmation::Confirmation;

causes! {
    /// Why nobody was signed out, or not sent back.
    pub enum LogoutFault {
        HintInvalid = "logout_hint_invalid" InvalidRequest Shape {
            rule: "id_token_hint is an ID token that this server issued (RP-Initiated Logout 2).",
            received: "Something that is none, or another server's.",
            expected: "The id_token of the sign-in; it may have expired.",
            fix: "Keep the id_token beside the session and send it as it is.",
        }
        HintOfAnotherClient = "logout_hint_of_another_client" InvalidRequest Hidden {
            rule: "client_id and the audience of id_token_hint are the same client (RP-Initiated Logout 2).",
            received: "Two different clients, or one that is not active.",
            expected: "The client that the ID token was issued to.",
            fix: "Leave client_id out; the hint says it.",
        }
        RedirectWithoutHint = "logout_redirect_without_hint" InvalidRequest Shape {
            rule: "Without id_token_hint it is not certain who asks, so nobody is sent anywhere (RP-Initiated Logout 3).",
            received: "post_logout_redirect_uri without id_token_hint.",
            expected: "Both.",
            fix: "Send the id_token of the sign-in along.",
        }
        RedirectNotRegistered = "logout_redirect_not_registered" InvalidRequest Hidden {
            rule: "post_logout_redirect_uri is compared character by character (RP-Initiated Logout 3).",
            received: "An address that the client did not register.",
            expected: "One of its post_logout_redirect_uris.",
            fix: "Register it with `countersign client update`.",
        }
        ConfirmationInvalid = "logout_confirmation_invalid" AccessDenied Hidden {
            rule: "A confirmation counts from the browser and in the time that the page was made for.",
            received: "A form from another browser, too old, or changed.",
            expected: "The form of the page.",
            fix: "Start again.",
        }
    }
}

const ENDPOINT: &str = "/logout";

/// GET and POST /logout
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let parameters = match incoming.parameters(&provider, &[]) {
        Ok(parameters) => parameters,
        Err(failure) => return provider.error_page_of(&failure, &exchange),
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
    outcome.unwrap_or_else(|failure| failure_page(&provider, &failure, &exchange))
}

/// A request of a client, or of nobody in particular.
async fn requested(
    provider: &Provider,
    parameters: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    if let Some(again) = provider.repost(ENDPOINT, parameters, exchange) {
        return Ok(again);
    }
    let request = LogoutRequest::check(provider, parameters).await?;
    let Some(session) = provider.current_session(exchange).await? else {
        return Ok(signed_out(provider, request.location.as_deref(), exchange));
    };
    if request.is_of(provider, &session).await? {
        return end(provider, &session, request.location.as_deref(), exchange).await;
    }
    confirmation_page(provider, &session, &request, exchange).await
}

/// The answer to the confirmation page.
async fn confirmed(
    provider: &Provider,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let confirmation = Confirmation::of_form(provider, form, exchange)?;
    if form.get(field::DECISION) != Some(decision::CONFIRM) {
        let view = LoggedOutView {
            stayed: true,
            continue_url: None,
            client: None,
        };
        return Ok(provider.page(&view, exchange));
    }
    let location = confirmation.location.as_deref();
    match provider.current_session(exchange).await? {
        Some(session) => end(provider, &session, location, exchange).await,
        None => Ok(signed_out(provider, location, exchange)),
    }
}

/// Ends the session, and with its epoch everything beneath; answers after that is durable.
async fn end(
    provider: &Provider,
    session: &BrowserSession,
    location: Option<&str>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    provider
        .store
        .end_session(&session.id, provider.now())
        .await?;
    Ok(signed_out(provider, location, exchange))
}

/// Back to the client where that is proven, else our own page. A cookie goes only if it came: a
/// cross-site request, which has none, must not take it away.
fn signed_out(provider: &Provider, location: Option<&str>, exchange: &Exchange) -> Response {
    let mut response = match location {
        Some(location) => redirect(location),
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
    request: &LogoutRequest,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let browser = provider.browser_secret(exchange);
    let confirmation = Confirmation {
        created_at: provider.now(),
        browser: browser.hash(),
        location: request.location.clone(),
    };
    let account = provider.accounts.account(&session.sub).await?;
    let view = LogoutView {
        action: &page_path(provider, ENDPOINT),
        interaction: &confirmation.seal(provider)?,
        client: request.client.as_ref().map(client_view),
        account: account.as_ref().map(account_view),
        post_logout_redirect_uri: request.location.as_deref(),
    };
    let mut response = provider.page(&view, exchange);
    provider.set_browser_cookie(&mut response, &browser);
    Ok(response)
}

/// A request that was checked.
struct LogoutRequest {
    hint: Option<IdTokenHint>,
    /// The client that the hint proves.
    client: Option<Client>,
    /// Where to go afterwards, `state` included; proven.
    location: Option<String>,
}

impl LogoutRequest {
    async fn check(provider: &Provider, parameters: &Parameters) -> Result<LogoutRequest, Failure> {
        let hint = hint(provider, parameters).await?;
        let client = match &hint {
            Some(hint) => Some(client_of(provider, hint, parameters).await?),
            None => None,
        };
        let location = location(client.as_ref(), parameters)?;
        Ok(LogoutRequest {
            hint,
            client,
            location,
        })
    }

    /// Whether the hint is an ID token of this very session.
    async fn is_of(&self, provider: &Provider, session: &BrowserSession) -> Result<bool, Failure> {
        let (Some(hint), Some(client)) = (&self.hint, &self.client) else {
            return Ok(false);
        };
        let Some(sid) = hint.session().filter(|_| hint.subject() == session.sub) else {
            return Ok(false);
        };
        let known = provider
            .store
            .client_session(&session.id, &client.client_id)
            .await?;
        Ok(known.is_some_and(|known| known.sid.to_string() == sid))
    }
}

async fn hint(
    provider: &Provider,
    parameters: &Parameters,
) -> Result<Option<IdTokenHint>, Failure> {
    let Some(id_token_hint) = parameters.get("id_token_hint") else {
        return Ok(None);
    };
    let ring = provider.keys.ring().await?;
    let algorithms = &provider.settings.signing_algorithms;
    verify_id_token_hint(id_token_hint, &*ring, algorithms, provider.issuer.as_str())
        .map(Some)
        .map_err(|fault| Failure::from(LogoutFault::HintInvalid).detail(fault.to_string()))
}

async fn client_of(
    provider: &Provider,
    hint: &IdTokenHint,
    parameters: &Parameters,
) -> Result<Client, Failure> {
    let client_id = hint.client_id().ok_or(LogoutFault::HintInvalid)?;
    if parameters
        .get("client_id")
        .is_some_and(|named| named != client_id)
    {
        return Err(LogoutFault::HintOfAnotherClient.into());
    }
    let client = provider.clients.find(&*provider.store, client_id).await?;
    client.ok_or_else(|| LogoutFault::HintOfAnotherClient.into())
}

fn location(client: Option<&Client>, parameters: &Parameters) -> Result<Option<String>, Failure> {
    let Some(presented) = parameters.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    let client = client.ok_or(LogoutFault::RedirectWithoutHint)?;
    let registered = RegisteredPostLogoutRedirectUri::find(
        presented,
        &client.metadata.post_logout_redirect_uris,
        client.metadata.application_type(),
    )
    .map_err(|fault| Failure::from(LogoutFault::RedirectNotRegistered).detail(fault.to_string()))?;
    Ok(Some(registered.location(parameters.get("state"))))
}

fn failure_page(provider: &Provider, failure: &Failure, exchange: &Exchange) -> Response {
    if failure.is(LogoutFault::ConfirmationInvalid.entry()) {
        return provider.error_page(ErrorKind::OtherBrowser, failure, exchange);
    }
    if LogoutFault::ALL
        .iter()
        .any(|cause| failure.is(cause.entry()))
    {
        return provider.error_page(ErrorKind::InvalidLogoutRequest, failure, exchange);
    }
    provider.error_page_of(failure, exchange)
}
