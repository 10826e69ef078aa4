//! Hub and spoke: every page of an authorization returns here, and one pure function answers
//! "what next?" from the request, the session and the consent.

use axum::response::Response;
use countersign_oauth::client_metadata::ApplicationType;
use countersign_oauth::scope::Scope;
use countersign_store::consents::Consent;
use countersign_store::sessions::BrowserSession;

use super::fault::AuthorizeFault;
use super::finish;
use super::interaction::Interaction;
use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::pages::{AccountView, ClientView, ConsentView, LoginView, ScopeView, SelectAccountView};

/// What the user just decided, if the request that came in was a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    None,
    /// The consent page's Allow, by the user who was shown it.
    Allowed,
}

/// What comes next in an authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    SignIn,
    SelectAccount,
    Consent,
    /// Issue the code; `record_consent` where the user, or the operator for them, just allowed it.
    Finish {
        record_consent: bool,
    },
    Refuse(AuthorizeFault),
}

/// Takes the authorization one page further, to its end where nobody needs to be asked.
pub async fn proceed(
    provider: &Provider,
    client: &Client,
    interaction: Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    exchange: &Exchange,
) -> Response {
    let target = interaction.request.target.clone();
    let outcome = step(provider, client, interaction, session, decision, exchange).await;
    outcome.unwrap_or_else(|failure| target.refuse(provider, &failure, exchange))
}

async fn step(
    provider: &Provider,
    client: &Client,
    mut interaction: Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let consent = match &session {
        Some(session) => {
            provider
                .store
                .consent(&session.sub, &client.client_id)
                .await?
        }
        None => None,
    };
    let state = State {
        interaction: &interaction,
        session: session.as_ref(),
        consent: consent.as_ref(),
        skips_consent: client.metadata.skips_consent(),
        identity_assured: is_identity_assured(client, &interaction),
        decision,
        now: provider.now(),
    };
    let next = what_next(&state);
    match (next, session) {
        (Next::Refuse(fault), _) => Err(fault.into()),
        (Next::Finish { record_consent }, Some(session)) => {
            let consent = if record_consent { None } else { consent };
            finish::issue(
                provider,
                client,
                &interaction,
                &session,
                consent.as_ref(),
                exchange,
            )
            .await
        }
        (Next::Consent, Some(session)) => {
            interaction.progress.consent_shown_to = Some(session.sub.clone());
            consent_page(provider, client, &interaction, &session, exchange).await
        }
        (Next::SelectAccount, Some(session)) => {
            select_account_page(provider, client, &interaction, &session, exchange).await
        }
        (_, session) => {
            let sign_in = SignInPage {
                alert: None,
                username: None,
            };
            sign_in_page(
                provider,
                client,
                &interaction,
                session.as_ref(),
                sign_in,
                exchange,
            )
            .await
        }
    }
}

/// Everything on which the next step depends.
pub struct State<'a> {
    pub interaction: &'a Interaction,
    pub session: Option<&'a BrowserSession>,
    pub consent: Option<&'a Consent>,
    pub skips_consent: bool,
    /// Whether the answer can only reach the client itself.
    pub identity_assured: bool,
    pub decision: Decision,
    pub now: i64,
}

/// What comes next.
///
/// - A session counts if it is as fresh as `max_age` asks, and if `prompt=login` asked for a proof
///   in this very authorization, then only with one (OIDC Core 3.1.2.1, 3.1.2.3).
/// - With `prompt=none` whatever would need a page is an error (3.1.2.6).
/// - Consent is asked for what is not remembered, and with `prompt=consent` always.
pub fn what_next(state: &State<'_>) -> Next {
    let request = &state.interaction.request;
    let interactive = |page: Next, otherwise: AuthorizeFault| match request.prompt.none {
        true => Next::Refuse(otherwise),
        false => page,
    };
    let Some(session) = state.session.filter(|session| is_fresh(session, state)) else {
        return interactive(Next::SignIn, AuthorizeFault::LoginRequired);
    };
    let proved_here = session.proved_in == Some(state.interaction.id);
    if request
        .hinted_sub
        .as_ref()
        .is_some_and(|hinted| *hinted != session.sub)
    {
        return match proved_here {
            true => Next::Refuse(AuthorizeFault::OtherUserThanHinted),
            false => interactive(Next::SignIn, AuthorizeFault::LoginRequired),
        };
    }
    let chosen = state.interaction.progress.account_chosen || proved_here;
    if request.prompt.select_account && !chosen {
        return Next::SelectAccount;
    }
    if state.decision == Decision::Allowed {
        return Next::Finish {
            record_consent: true,
        };
    }
    if state.skips_consent && !request.prompt.consent {
        return Next::Finish {
            record_consent: state.consent.is_none(),
        };
    }
    // RFC 8252 8.6: where any program could pose as the client, nothing is granted unseen.
    let covered = state.identity_assured && is_covered(&request.scope, state.consent);
    if request.prompt.consent || !covered {
        return interactive(Next::Consent, AuthorizeFault::ConsentRequired);
    }
    Next::Finish {
        record_consent: false,
    }
}

fn is_fresh(session: &BrowserSession, state: &State<'_>) -> bool {
    let request = &state.interaction.request;
    let age = state.now.saturating_sub(session.auth_time);
    if session.proved_in == Some(state.interaction.id) {
        // A proof given in this very authorization is fresh, but not for as long as a page stands.
        return request
            .max_age
            .is_none_or(|max_age| age <= max_age.max(PROVED_HERE_SECONDS));
    }
    // max_age=0 is "effectively the same as prompt=login" (OIDC Core 3.1.2.1), within the second too.
    let recent = request
        .max_age
        .is_none_or(|max_age| max_age > 0 && age <= max_age);
    recent && !request.prompt.login
}

/// How long somebody may read the consent page after a sign-in that `max_age` demanded.
const PROVED_HERE_SECONDS: i64 = 300;

/// A public client on a loopback port or a private-use scheme is whoever listens there.
fn is_identity_assured(client: &Client, interaction: &Interaction) -> bool {
    let is_native = client.metadata.application_type() == ApplicationType::Native;
    let uri = interaction.request.target.redirect_uri();
    !(client.metadata.is_public() && is_native) || uri.starts_with("https://")
}

fn is_covered(scope: &Scope, consent: Option<&Consent>) -> bool {
    consent.is_some_and(|consent| {
        Scope::parse(&consent.scope).is_ok_and(|remembered| scope.is_subset_of(&remembered))
    })
}

/// The sign-in page, first or again.
pub struct SignInPage<'a> {
    pub alert: Option<crate::pages::LoginAlert>,
    /// What was typed before.
    pub username: Option<&'a str>,
}

pub async fn sign_in_page(
    provider: &Provider,
    client: &Client,
    interaction: &Interaction,
    session: Option<&BrowserSession>,
    page: SignInPage<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let confirming = match session {
        Some(session) => provider.accounts.account(&session.sub).await?,
        None => None,
    };
    let hint = interaction.request.login_hint.as_deref();
    let sealed = interaction.seal(provider)?;
    let view = LoginView {
        action: &page_path(provider, "/login"),
        interaction: &sealed,
        client: Some(client_view(client)),
        redirect_uri: Some(interaction.request.target.redirect_uri()),
        username: page.username.or(hint).unwrap_or(""),
        confirming: confirming.as_ref().map(account_view),
        alert: page.alert,
        cancel: true,
    };
    Ok(provider.page(&view, exchange))
}

async fn select_account_page(
    provider: &Provider,
    client: &Client,
    interaction: &Interaction,
    session: &BrowserSession,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let account = provider.accounts.account(&session.sub).await?;
    let sealed = interaction.seal(provider)?;
    let view = SelectAccountView {
        action: &page_path(provider, "/login"),
        interaction: &sealed,
        client: Some(client_view(client)),
        redirect_uri: Some(interaction.request.target.redirect_uri()),
        account: account.as_ref().map(account_view).unwrap_or_default(),
        cancel: true,
    };
    Ok(provider.page(&view, exchange))
}

async fn consent_page(
    provider: &Provider,
    client: &Client,
    interaction: &Interaction,
    session: &BrowserSession,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let account = provider.accounts.account(&session.sub).await?;
    let sealed = interaction.seal(provider)?;
    let scopes: Vec<ScopeView<'_>> = interaction
        .request
        .scope
        .iter()
        .map(|name| {
            let own = provider.settings.scopes.get(name);
            let title = own.and_then(|scope| scope.title.as_deref());
            let description = own.and_then(|scope| scope.description.as_deref());
            ScopeView::new(name, title, description)
        })
        .collect();
    let view = ConsentView {
        action: &page_path(provider, "/consent"),
        interaction: &sealed,
        client: client_view(client),
        redirect_uri: Some(interaction.request.target.redirect_uri()),
        account: account.as_ref().map(account_view).unwrap_or_default(),
        scopes: &scopes,
    };
    Ok(provider.page(&view, exchange))
}

/// A page's address on our own origin, below the issuer's path.
pub fn page_path(provider: &Provider, path: &str) -> String {
    format!("{}{path}", provider.issuer.path_prefix())
}

pub fn client_view(client: &Client) -> ClientView<'_> {
    ClientView {
        name: client.display_name(),
        logo: None,
        client_uri: client.metadata.client_uri.as_deref(),
        policy_uri: client.metadata.policy_uri.as_deref(),
        tos_uri: client.metadata.tos_uri.as_deref(),
        unverified: false,
    }
}

pub fn account_view(account: &crate::accounts::Account) -> AccountView<'_> {
    AccountView {
        name: account.display_name(),
        username: &account.username,
    }
}
