//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).
//!
//! Signing out needs either an ID token of the very session that ends, or the person's
//! confirmation; otherwise any web page could sign anyone out. A confirmation ends the session that
//! it was shown to: if another session has replaced it, that one's user is asked again.
//!
//! No request leaves the person stuck: where a part of it cannot be used, a fixed text says so, the
//! person is
//! asked, and after sign-out the page is our own (section 4). The browser goes back to the client
//! only if the address is registered and it is known who asks: by an ID token, or by `client_id`
//! and the person's confirmation (sections 2 and 3).
//!
//! The applications of the session are told: all that have an address for it by
//! [`backchannel`], whatever ended the session, and after a sign-out here those with frames in the
//! browser by `frontchannel.rs`.

pub(crate) mod backchannel;
pub mod fault;
mod frontchannel;
mod request;
mod target;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use countersign_store::SessionId;
use countersign_store::sessions::BrowserSession;
use http::{HeaderValue, Method, header};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Provider;
use crate::browser_secret::BrowserSecret;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::log;
use crate::pages::{LoggedOutView, LogoutProblem, LogoutView, decision, error_kind, field};
use crate::respond;
use crate::sealed_form::{Binding, Carried, NotOpened, SealedForm};
use crate::session::CookieSession;
use crate::session_management::clear_state;
use fault::{LogoutFault, Unusable};
use request::LogoutRequest;
use target::{CarriedTarget, PostLogoutTarget};

pub(crate) const ENDPOINT: &str = "/logout";

/// GET and POST /logout
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let outcome = match incoming.parameters(&provider, &[]) {
        Ok(parameters) => {
            exchange.ui_locales = parameters.get("ui_locales").map(str::to_owned);
            match is_answer(&parameters, &exchange) {
                true => confirmed(&provider, &parameters, &exchange).await,
                false => requested(&provider, &parameters, &exchange).await,
            }
        }
        // A request that was not even received cannot be handled.
        Err(failure) if failure.cause.page == error_kind::TOO_LARGE => Err(failure),
        Err(failure) => {
            let unreadable = LogoutFault::RequestUnreadable.because(failure.to_string());
            ask_or_say(&provider, LogoutRequest::nothing(unreadable), &exchange).await
        }
    };
    outcome.unwrap_or_else(|failure| provider.error_page(&failure, &exchange))
}

/// Whether it is what our page posts. A button without its interaction is a forgery and not a
/// request.
fn is_answer(parameters: &Parameters, exchange: &Exchange) -> bool {
    exchange.method == Method::POST
        && [field::INTERACTION, field::DECISION]
            .iter()
            .any(|name| parameters.get(name).is_some())
}

/// A request of a client, or of no one in particular.
async fn requested(
    provider: &Provider,
    parameters: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let request = LogoutRequest::read(provider, parameters).await?;
    if let Some(again) = provider.repost(ENDPOINT, parameters, exchange) {
        return Ok(again);
    }
    let cookie = provider.cookie_session(exchange).await?;
    if let Some(session) = cookie.named()
        && request.is_of(provider, session).await?
    {
        return end(provider, session, request, exchange).await;
    }
    ask_or_say(provider, request, exchange).await
}

/// What the person decided on the confirmation page.
async fn confirmed(
    provider: &Provider,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let opened = match SealedForm::<Confirmation>::open(provider, form, exchange) {
        Ok(opened) => opened,
        Err(_) => {
            let invalid = LogoutRequest::nothing(LogoutFault::ConfirmationInvalid.into());
            return ask_or_say(provider, invalid, exchange).await;
        }
    };
    if form.get(field::DECISION) != Some(decision::CONFIRM) {
        let view = LoggedOutView {
            stayed: true,
            ..LoggedOutView::default()
        };
        return Ok(provider.page(&view, exchange));
    }
    let Confirmation { shown_to, target } = opened.carried;
    let request = LogoutRequest::confirmed(still_proven(provider, target).await?);
    let cookie = provider.cookie_session(exchange).await?;
    match cookie.named() {
        Some(session) if session.id == shown_to => end(provider, session, request, exchange).await,
        Some(_) => confirmation_page(provider, &cookie, request, exchange).await,
        None => Ok(signed_out(provider, request, exchange)),
    }
}

/// The way back, if the client still has it. One that was taken away meanwhile keeps no one from
/// signing out: it only leads nowhere.
async fn still_proven(
    provider: &Provider,
    carried: Option<CarriedTarget>,
) -> Result<Option<PostLogoutTarget>, Failure> {
    let Some(carried) = carried else {
        return Ok(None);
    };
    let proven = target::prove_again(provider, carried).await?;
    if proven.is_none() {
        log::declined(LogoutFault::RedirectNotRegistered.entry());
    }
    Ok(proven)
}

/// Asks the person who is signed in, or says that no one is.
async fn ask_or_say(
    provider: &Provider,
    request: LogoutRequest,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let cookie = provider.cookie_session(exchange).await?;
    if cookie.named().is_some() {
        return confirmation_page(provider, &cookie, request, exchange).await;
    }
    match &request.target {
        // Without proof of who asks, and with no one there to ask, the way back is a link.
        Some(_) if !request.is_proven() => {
            let page = signed_out_page(provider, &[], &request, exchange);
            Ok(without_session_cookie(provider, page, exchange))
        }
        _ => Ok(signed_out(provider, request, exchange)),
    }
}

/// Ends the session, and with its epoch everything below. Returns once that is durable.
async fn end(
    provider: &Provider,
    session: &BrowserSession,
    request: LogoutRequest,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let ended = provider
        .store
        .end_session(&session.id, provider.now())
        .await?;
    provider.wake.ended();
    let sub = &session.sub;
    tracing::info!(act = "sign_out", sub, "a user signed out");
    let frames = frontchannel::frames(provider, &ended).await;
    if frames.is_empty() {
        return Ok(signed_out(provider, request, exchange));
    }
    Ok(signed_out_with(provider, &frames, request, exchange))
}

/// Our own page with the applications' frames. It leads on by itself where the client's return
/// address is proven, without a script: a `Refresh` header (HTML, section 3.2.9), and a link.
fn signed_out_with(
    provider: &Provider,
    frames: &[Url],
    request: LogoutRequest,
    exchange: &Exchange,
) -> Response {
    let mut response = signed_out_page(provider, frames, &request, exchange);
    let refresh = followed(&request)
        .map(|target| format!("{};url={}", frontchannel::WAIT_SECONDS, target.location()));
    if let Some(Ok(refresh)) = refresh.map(HeaderValue::try_from) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    without_session_cookie(provider, response, exchange)
}

/// Back to the client where that is proven, else our own page.
fn signed_out(provider: &Provider, request: LogoutRequest, exchange: &Exchange) -> Response {
    let response = match followed(&request) {
        Some(target) => respond::redirect(&target.location()),
        None => signed_out_page(provider, &[], &request, exchange),
    };
    without_session_cookie(provider, response, exchange)
}

/// The return address, if the browser is led there by itself.
fn followed(request: &LogoutRequest) -> Option<&PostLogoutTarget> {
    request
        .target
        .as_ref()
        .filter(|target| target.is_followed())
}

/// Our own page, with a link back to the client.
fn signed_out_page(
    provider: &Provider,
    frames: &[Url],
    request: &LogoutRequest,
    exchange: &Exchange,
) -> Response {
    let location = request.target.as_ref().map(PostLogoutTarget::location);
    let view = LoggedOutView {
        continue_url: location.as_deref(),
        client: request.target.as_ref().map(|target| target.client().into()),
        frames,
        returns: !frames.is_empty() && followed(request).is_some(),
        problem: logged(request.unusable.as_ref()),
        ..LoggedOutView::default()
    };
    provider.page(&view, exchange)
}

/// A cookie goes only if it came: a cross-site request, which has none, must not take it away.
fn without_session_cookie(
    provider: &Provider,
    mut response: Response,
    exchange: &Exchange,
) -> Response {
    if exchange.cookies(&provider.cookies.session).next().is_some() {
        provider.clear_session_cookie(&mut response);
        clear_state(provider, &mut response);
    }
    response
}

async fn confirmation_page(
    provider: &Provider,
    cookie: &CookieSession,
    request: LogoutRequest,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let Some(session) = cookie.named() else {
        return Ok(signed_out(provider, request, exchange));
    };
    let browser = provider.browser_secret(exchange);
    let LogoutRequest {
        client,
        mut target,
        mut unusable,
        ..
    } = request;
    let interaction = match sealed(provider, session, target.as_ref(), &browser) {
        Ok(interaction) => interaction,
        Err(failure) if target.is_none() => return Err(failure),
        // The part that is too long is the client's state, which signing out does not need.
        Err(_) => {
            target = None;
            unusable = Some(LogoutFault::RequestTooLong.into());
            sealed(provider, session, None, &browser)?
        }
    };
    let account = match cookie {
        CookieSession::SignedIn(session) => provider.accounts.account(&session.sub).await?,
        // A browser with an earlier secret may sign out, but is not told whose session it is.
        _ => None,
    };
    let view = LogoutView {
        action: &provider.page_path(ENDPOINT),
        interaction: &interaction,
        client: client.as_ref().map(Into::into),
        account: account.as_ref().map(Into::into),
        returns_to_client: target.is_some(),
        problem: logged(unusable.as_ref()),
    };
    let mut response = provider.page(&view, exchange);
    provider.set_browser_cookie(&mut response, &browser);
    Ok(response)
}

/// The sealed sign-out of a session, for one of our pages whose button is the confirmation.
///
/// # Errors
///
/// The form would be longer than `interactions.max_bytes`.
pub(crate) fn form_for(
    provider: &Provider,
    session: &BrowserSession,
    browser: &BrowserSecret,
) -> Result<String, Failure> {
    sealed(provider, session, None, browser)
}

fn sealed(
    provider: &Provider,
    session: &BrowserSession,
    target: Option<&PostLogoutTarget>,
    browser: &BrowserSecret,
) -> Result<String, Failure> {
    let form = SealedForm {
        carried: Confirmation {
            shown_to: session.id,
            target: target.map(PostLogoutTarget::carried),
        },
        binding: Binding::new(provider, browser),
    };
    form.seal(provider)
}

/// What the page says of a part that was not used; the log says why.
fn logged(unusable: Option<&Unusable>) -> Option<LogoutProblem> {
    let unusable = unusable?;
    log::failed(&unusable.failure);
    Some(unusable.problem())
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
