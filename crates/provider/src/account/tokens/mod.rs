//! The page on which people make, list and revoke API tokens for their own programs.
//!
//! | step | where |
//! |---|---|
//! | ask who has not signed in recently to do so | [`page`] |
//! | show the tokens, and the form for another | `show` |
//! | make one, and show it this once | [`posted`] |
//! | revoke one | [`posted`] |

mod form;

use axum::extract::State;
use axum::response::Response;
use countersign_management::Actor;
use countersign_management::personal_tokens::{
    NewPersonalToken, Owner, PersonalTokenError, PersonalTokens,
};
use countersign_oauth::parameters::Parameters;
use countersign_oauth::scope::Scope;
use countersign_store::grants::{EndCause, GrantView, Origin};
use countersign_store::sessions::BrowserSession;

use crate::demand::RECENT_SECONDS;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::{Destination, OwnPage};
use crate::journey::interaction::Interaction;
use crate::journey::next::Decision;
use crate::pages::{ScopeView, TokenProblem, TokenView, TokensView, decision, field};
use crate::personal_tokens::offered_scopes;
use crate::sealed_form::{Binding, SealedForm};
use crate::{Provider, journey, respond};
use form::TokensForm;

/// Below the issuer's path.
pub const ENDPOINT: &str = "/account/tokens";

/// The lifetimes, in days, that the page offers, as far as the operator allows them.
const DAYS: [i64; 4] = [7, 30, 90, 365];

/// GET /account/tokens
pub async fn page(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    let browser = provider.browser_secret(exchange);
    let shown = async {
        let session = provider.current_session(exchange).await?;
        if let Some(session) = session
            .as_ref()
            .filter(|session| is_recent(&provider, session))
        {
            let binding = Binding::new(&provider, &browser);
            return show(&provider, session, binding, Shown::default(), exchange).await;
        }
        let destination = Destination::OwnPage(OwnPage::Tokens);
        let interaction = Interaction::begin(&provider, destination, &browser);
        let none = Decision::None;
        Ok(journey::proceed(&provider, interaction, session, none, exchange).await)
    };
    let mut response = shown
        .await
        .unwrap_or_else(|failure: Failure| provider.error_page(&failure, exchange));
    provider.set_browser_cookie(&mut response, &browser);
    response
}

/// POST /account/tokens
pub async fn posted(State(provider): State<Provider>, incoming: Incoming) -> Response {
    answer(&provider, &incoming)
        .await
        .unwrap_or_else(|failure| provider.error_page(&failure, &incoming.exchange))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let exchange = &incoming.exchange;
    let form = incoming.form(provider, &[field::SCOPE])?;
    let sealed = SealedForm::<TokensForm>::open(provider, &form, exchange)?;
    // The form is accepted only from the user who was shown it, and while their sign-in is recent: it
    // may have stayed open for longer. The page asks them to sign in again.
    let session = provider.current_session(exchange).await?;
    let Some(session) = session
        .filter(|session| sealed.carried.is_of(session))
        .filter(|session| is_recent(provider, session))
    else {
        return Ok(to_the_page(provider));
    };
    match form.get(field::DECISION) {
        Some(decision::CREATE) => {
            let shown = match create(provider, &session, &form, exchange).await {
                Ok(token) => Shown {
                    token: Some(token),
                    ..Shown::default()
                },
                Err(Refused::Problem(problem)) => Shown {
                    problem: Some(problem),
                    name: form.get(field::NAME).unwrap_or(""),
                    scopes: form.all(field::SCOPE).collect(),
                    ..Shown::default()
                },
                Err(Refused::Failed(failure)) => return Err(failure),
            };
            show(provider, &session, sealed.binding, shown, exchange).await
        }
        Some(decision::REVOKE) => {
            if let Some(id) = form.get(field::TOKEN).and_then(|id| id.parse().ok()) {
                let cause = EndCause::RevokedByUser;
                let tokens = tokens(provider, exchange);
                let revoked = tokens.revoke(&session.sub, &id, cause, provider.now());
                // A token that is already gone needs no error: either way it no longer exists.
                if let Err(PersonalTokenError::Store(error)) = revoked.await {
                    return Err(error.into());
                }
            }
            Ok(to_the_page(provider))
        }
        _ => Ok(to_the_page(provider)),
    }
}

/// Why no token was made.
enum Refused {
    Problem(TokenProblem),
    Failed(Failure),
}

async fn create(
    provider: &Provider,
    session: &BrowserSession,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<String, Refused> {
    let problem = |problem| Refused::Problem(problem);
    let words: Vec<&str> = form.all(field::SCOPE).collect();
    if words.is_empty() {
        return Err(problem(TokenProblem::NoScope));
    }
    let scope = Scope::parse(&words.join(" ")).map_err(|_| problem(TokenProblem::Refused))?;
    let days = form
        .get(field::DAYS)
        .and_then(|days| days.parse::<i64>().ok());
    let days = days.filter(|days| offered_days(provider).contains(days));
    let days = days.ok_or(problem(TokenProblem::Refused))?;
    let declared = provider.declared_resources().await;
    let declared = declared.map_err(Refused::Failed)?;
    let new = NewPersonalToken {
        name: form.get(field::NAME).unwrap_or("").to_owned(),
        resources: declared.of_scope(&scope),
        scope,
        lifetime_seconds: days * DAY_SECONDS,
    };
    let owner = Owner {
        sub: session.sub.clone(),
        epoch: session.user_epoch,
    };
    let offered = offered_scopes(&provider.settings, &declared);
    let made = tokens(provider, exchange)
        .create(&owner, new, &offered, provider.now())
        .await;
    match made {
        Ok((_, token)) => Ok(token.to_string()),
        Err(PersonalTokenError::Store(error)) => Err(Refused::Failed(error.into())),
        Err(PersonalTokenError::NameInvalid { .. }) => Err(problem(TokenProblem::NameInvalid)),
        Err(PersonalTokenError::NameTaken(_)) => Err(problem(TokenProblem::NameTaken)),
        Err(PersonalTokenError::TooMany { .. }) => Err(problem(TokenProblem::TooMany)),
        Err(_) => Err(problem(TokenProblem::Refused)),
    }
}

/// What the page shows besides the existing tokens.
#[derive(Default)]
struct Shown<'a> {
    /// A token that was just made.
    token: Option<String>,
    problem: Option<TokenProblem>,
    /// The values that were entered before.
    name: &'a str,
    scopes: Vec<&'a str>,
}

async fn show(
    provider: &Provider,
    session: &BrowserSession,
    binding: Binding,
    shown: Shown<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let now = provider.now();
    let account = provider.accounts.account(&session.sub).await?;
    let found = provider.store.personal_tokens_of(&session.sub).await?;
    let is_live = |view: &&GrantView| view.what_ended.is_none() && now < view.grant.expires_at;
    let tokens: Vec<TokenView> = found
        .iter()
        .filter(is_live)
        .filter_map(token_view)
        .collect();
    let declared = provider.declared_resources().await?;
    let offered = offered_scopes(&provider.settings, &declared);
    let scopes: Vec<ScopeView<'_>> = offered
        .iter()
        .map(|name| {
            let own = provider.settings.operator.scopes.get(name);
            let title = own.and_then(|scope| scope.title.as_deref());
            ScopeView::new(name, title, None)
        })
        .collect();
    let sealed = SealedForm {
        carried: TokensForm::of(session),
        binding: binding.begun_now(provider),
    };
    let view = TokensView {
        action: &provider.page_path(ENDPOINT),
        account_url: &provider.page_path(OwnPage::Account.path()),
        interaction: &sealed.seal(provider)?,
        account: account.as_ref().map(Into::into).unwrap_or_default(),
        tokens: &tokens,
        scopes: &scopes,
        chosen: &shown.scopes,
        days: &offered_days(provider),
        name: shown.name,
        created: shown.token.as_deref(),
        problem: shown.problem,
    };
    Ok(provider.page(&view, exchange))
}

fn token_view(view: &GrantView) -> Option<TokenView> {
    let Origin::Personal(token) = &view.grant.origin else {
        return None;
    };
    let date = |seconds| jiff::Timestamp::from_second(seconds).ok();
    let date = |seconds| date(seconds).map(|at| at.strftime("%Y-%m-%d").to_string());
    Some(TokenView {
        id: view.grant.id.to_string(),
        name: token.name.clone(),
        scope: view.grant.scope.clone(),
        created: date(view.grant.created_at)?,
        expires: date(view.grant.expires_at)?,
    })
}

fn offered_days(provider: &Provider) -> Vec<i64> {
    let longest = provider.settings.personal_tokens.max_lifetime_seconds;
    let offered = DAYS
        .into_iter()
        .filter(|days| days * DAY_SECONDS <= longest);
    offered.collect()
}

fn tokens(provider: &Provider, exchange: &Exchange) -> PersonalTokens {
    let address = exchange.peer.map(|peer| peer.to_canonical().to_string());
    let settings = provider.settings.personal_tokens.clone();
    PersonalTokens::new(provider.context(Actor::User), settings).from_address(address)
}

/// What a person makes here outlives the session.
fn is_recent(provider: &Provider, session: &BrowserSession) -> bool {
    provider.now().saturating_sub(session.auth_time) <= RECENT_SECONDS
}

fn to_the_page(provider: &Provider) -> Response {
    respond::redirect(&provider.page_path(ENDPOINT))
}

const DAY_SECONDS: i64 = 86_400;
