//! The pages of a journey, each with the sealed interaction in its form.

use axum::response::Response;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope::Scope;
use countersign_store::sessions::BrowserSession;

use super::destination::ClientRequest;
use super::interaction::{Interaction, Page};
use super::next::{self, Authenticated};
use crate::clients::Client;
use crate::device_request::fault::DeviceFault;
use crate::device_request::proven::ProvenDeviceRequest;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::logos;
use crate::pages::{
    ClientView, ConsentView, DestinationView, DeviceAnsweredView, DeviceApprovalView, LoginAlert,
    LoginView, RequestedFromView, ScopeView, SelectAccountView,
};
use crate::shown;
use crate::throttle::is_same_network;
use crate::{Provider, offered};

/// What the sign-in page says beside the request, first or again.
#[derive(Default)]
pub struct SignInPage<'a> {
    pub alert: Option<LoginAlert>,
    /// What was typed before; the request's `login_hint` where nothing was.
    pub username: Option<&'a str>,
}

/// The sign-in page. A person with a session confirms who they are, unless another account was
/// named.
///
/// # Errors
/// Returns a [`Failure`] if the account cannot be read, or the interaction is too large to be
/// sealed.
pub async fn sign_in(
    provider: &Provider,
    interaction: &Interaction,
    session: Option<&BrowserSession>,
    page: SignInPage<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let destination = &interaction.destination;
    let demand = destination.demand();
    let named = page.username.or(demand.login_hint.as_deref());
    let account = match session {
        Some(session) if demand.takes(&provider.subjects, &session.sub) => {
            provider.accounts.account(&session.sub).await?
        }
        _ => None,
    };
    let confirming = account.filter(|account| named.is_none_or(|name| account.has_name(name)));
    let logo = logo_of(provider, destination.shown_client()).await;
    let view = LoginView {
        action: &provider.page_path("/login"),
        interaction: &interaction.seal(provider, Page::SignIn)?,
        client: shown::with_logo(destination.shown_client(), logo.as_deref()),
        purpose: destination.purpose(),
        username: named.unwrap_or(""),
        confirming: confirming.as_ref().map(Into::into),
        alert: page.alert,
    };
    Ok(provider.page(&view, exchange))
}

/// "Not you?": the sign-in page for another account than the session's. The session continues until
/// that sign-in.
///
/// # Errors
/// Returns a [`Failure`] if the interaction is too large to be sealed.
pub async fn sign_in_as_another(
    provider: &Provider,
    interaction: &Interaction,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let page = SignInPage {
        alert: None,
        username: Some(""),
    };
    sign_in(provider, interaction, None, page, exchange).await
}

/// `prompt=select_account`: go on as this user, or as another. Its form remembers whom it was shown
/// to.
///
/// # Errors
/// Returns a [`Failure`] if the account cannot be read, or the interaction is too large to be
/// sealed.
pub async fn select_account(
    provider: &Provider,
    interaction: &Interaction,
    user: Authenticated<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let sub = &user.session().sub;
    let account = provider.accounts.account(sub).await?;
    let client = interaction.destination.shown_client();
    let logo = logo_of(provider, client).await;
    let view = SelectAccountView {
        action: &provider.page_path("/login"),
        interaction: &interaction.seal(provider, Page::SelectAccount(sub.clone()))?,
        client: shown::with_logo(client, logo.as_deref()),
        account: account.as_ref().map(Into::into).unwrap_or_default(),
    };
    Ok(provider.page(&view, exchange))
}

/// The consent page. Its form remembers whom it was shown to.
///
/// # Errors
/// Returns a [`Failure`] if the account cannot be read, or the interaction is too large to be
/// sealed.
pub async fn consent(
    provider: &Provider,
    interaction: &Interaction,
    client_request: &ClientRequest,
    user: Authenticated<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let ClientRequest { target, request } = client_request;
    let sub = &user.session().sub;
    let account = provider.accounts.account(sub).await?;
    let scopes = scope_views(provider, &request.shown_scope);
    let destination = DestinationView::of(target.redirect_uri());
    let document = target.client().document.as_ref();
    let client = target.client();
    let logo = logo_of(provider, Some(client)).await;
    let view = ConsentView {
        action: &provider.page_path("/consent"),
        interaction: &interaction.seal(provider, Page::consent(sub, target.client()))?,
        client: ClientView {
            logo: logo.as_deref(),
            ..client.into()
        },
        document_host: document.map(|document| document.host.as_str()),
        destination: destination.as_ref(),
        account: account.as_ref().map(Into::into).unwrap_or_default(),
        scopes: &scopes,
        asked_always: !next::is_identity_assured(target),
    };
    Ok(provider.page(&view, exchange))
}

/// The page that asks about a device's request. Its form remembers whom it was shown to.
///
/// # Errors
/// Returns [`DeviceFault::RequestAnswered`] if there is nothing to ask any more, or a [`Failure`]
/// if the account cannot be read.
pub async fn device(
    provider: &Provider,
    interaction: &Interaction,
    proven: &ProvenDeviceRequest,
    user: Authenticated<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    if !proven.is_pending() {
        return Err(DeviceFault::RequestAnswered.into());
    }
    let sub = &user.session().sub;
    let account = provider.accounts.account(sub).await?;
    let request = proven.request();
    let from = &request.requested_from;
    let here = exchange.peer.map(|peer| peer.to_canonical());
    let there = from.address.as_ref().and_then(|text| text.parse().ok());
    let is_elsewhere = here
        .zip(there)
        .is_some_and(|(here, there)| !is_same_network(here, there));
    let here = here.filter(|_| is_elsewhere).map(|here| here.to_string());
    let logo = logo_of(provider, Some(proven.client())).await;
    let view = DeviceApprovalView {
        action: &provider.page_path("/device/approval"),
        interaction: &interaction.seal(provider, Page::device(sub, proven.client()))?,
        client: ClientView {
            logo: logo.as_deref(),
            ..proven.client().into()
        },
        account: account.as_ref().map(Into::into).unwrap_or_default(),
        scopes: &scope_views(provider, proven.scope()),
        requested_from: RequestedFromView {
            address: from.address.as_deref(),
            user_agent: from.user_agent.as_deref(),
            minutes_ago: (provider.now() - request.created_at).max(0).unsigned_abs() / 60,
        },
        address_here: here.as_deref(),
        stays: offered::may_use(
            &provider.settings,
            &proven.client().metadata,
            GrantType::RefreshToken,
        ),
    };
    Ok(provider.page(&view, exchange))
}

/// The last page of a device's approval or denial.
pub fn device_answered(
    provider: &Provider,
    proven: &ProvenDeviceRequest,
    allowed: bool,
    exchange: &Exchange,
) -> Response {
    let view = DeviceAnsweredView {
        client: proven.client().into(),
        allowed,
    };
    provider.page(&view, exchange)
}

/// Where the client's logo is, if there is a client that has one.
async fn logo_of(provider: &Provider, client: Option<&Client>) -> Option<String> {
    match client {
        Some(client) => logos::address(provider, client).await,
        None => None,
    }
}

fn scope_views<'a>(provider: &'a Provider, scope: &'a Scope) -> Vec<ScopeView<'a>> {
    let views = scope.iter().map(|name| {
        let own = provider.settings.operator.scopes.get(name);
        let title = own.and_then(|scope| scope.title.as_deref());
        let description = own.and_then(|scope| scope.description.as_deref());
        ScopeView::new(name, title, description)
    });
    views.collect()
}
