//! Sign-in with a password, and the choice of an account: what the pages of an authorization post.
//!
//! All failures look alike: one text, one status, the same work. Attempts are counted before they
//! are looked at, per name and per network, so that guessing is slow and no one is locked out
//! permanently.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_management::passwords::prepare;
use countersign_oauth::parameters::Parameters;

use crate::Provider;
use crate::accounts::Proof;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey;
use crate::journey::destination::OwnPage;
use crate::journey::fault::{InteractionFault, JourneyFault};
use crate::journey::interaction::{Interaction, Page};
use crate::journey::next::Decision;
use crate::journey::page::{self, SignInPage};
use crate::journey::posted::{self, Posted};
use crate::log;
use crate::pages::{LoginAlert, WayOn, decision, field};
use crate::session::{CookieSession, SignIn};
use crate::session_management::set_state;
use crate::throttle::Attempts;
use fault::LoginFault;

/// POST /login
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    posted::answered(&provider, &incoming, answer).await
}

/// GET /login, GET /consent: these pages are shown only in response to something else.
pub async fn opened_by_hand(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let failure = InteractionFault::OpenedByHand.into();
    let way_on = WayOn {
        account: Some(&provider.page_path(OwnPage::Account.path())),
        ..WayOn::default()
    };
    provider.error_page_with(&failure, way_on, &incoming.exchange)
}

async fn answer(provider: &Provider, posted: Posted) -> Result<Response, Failure> {
    let Posted {
        form,
        page,
        mut interaction,
        exchange,
    } = posted;
    let cookie = provider.cookie_session(&exchange).await?;
    match form.get(field::DECISION).unwrap_or(decision::SIGN_IN) {
        decision::CANCEL => Err(JourneyFault::Cancelled.into()),
        decision::CONTINUE => {
            interaction.chosen = match page {
                Page::SelectAccount(shown_to) => Some(shown_to),
                Page::SignIn | Page::Consent { .. } | Page::Device { .. } => interaction.chosen,
            };
            let none = Decision::None;
            let session = cookie.signed_in();
            Ok(journey::proceed(provider, interaction, session, none, &exchange).await)
        }
        decision::OTHER => page::sign_in_as_another(provider, &interaction, &exchange).await,
        _ => sign_in(provider, interaction, cookie, &form, &exchange).await,
    }
}

async fn sign_in(
    provider: &Provider,
    interaction: Interaction,
    cookie: CookieSession,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let name = form.get(field::USERNAME).unwrap_or("");
    let password = form.get(field::PASSWORD).unwrap_or("");
    match verify(provider, name, password, exchange).await? {
        Verified::User(proof) => {
            let proof = SignIn {
                proved_in: Some(interaction.id),
                ..proof
            };
            let (session, secret) = provider.sign_in(cookie.named(), proof).await?;
            tracing::info!(act = "sign_in", sub = session.sub, "a user signed in");
            if cookie.named().is_some_and(|named| named.id != session.id) {
                provider.wake.ended();
            }
            let none = Decision::None;
            let signed_in = Some(session.clone());
            let mut response =
                journey::proceed(provider, interaction, signed_in, none, exchange).await;
            set_state(provider, &mut response, &session);
            provider.set_session_cookie(&mut response, &secret);
            provider.set_device_cookie(&mut response, name, exchange);
            Ok(response)
        }
        Verified::No(alert) => {
            let page = SignInPage {
                alert: Some(alert),
                username: Some(name),
            };
            let session = cookie.signed_in();
            page::sign_in(provider, &interaction, session.as_ref(), page, exchange).await
        }
    }
}

enum Verified {
    User(SignIn),
    No(LoginAlert),
}

/// Counts the attempt, then looks at it.
async fn verify(
    provider: &Provider,
    name: &str,
    password: &str,
    exchange: &Exchange,
) -> Result<Verified, Failure> {
    let attempts = Attempts::of(provider, name, exchange);
    if let Some(seconds) = attempts.count(provider).await? {
        log::declined(LoginFault::Throttled.entry());
        return Ok(Verified::No(LoginAlert::throttled(seconds.unsigned_abs())));
    }
    // Typed decomposed it is longer than it was when it was set.
    let bytes = prepare(password).map_or(password.len(), |password| password.len());
    if bytes > provider.settings.passwords.maximum_bytes {
        log::declined(LoginFault::PasswordTooLong.entry());
        return Ok(Verified::No(LoginAlert::Rejected));
    }
    let fault = match provider.accounts.verify_password(name, password).await? {
        Proof::Accepted { sub, user_epoch } => {
            attempts.forget(provider);
            let amr = vec!["pwd".to_owned()]; // RFC 8176, section 2
            return Ok(Verified::User(SignIn {
                sub,
                user_epoch,
                amr,
                proved_in: None,
            }));
        }
        Proof::UnknownName => LoginFault::NameUnknown,
        Proof::WrongPassword => LoginFault::PasswordWrong,
        Proof::Disabled => LoginFault::AccountDisabled,
        // The user keeps the page and what was typed; the client is not bothered.
        Proof::Busy => {
            log::declined(LoginFault::Busy.entry());
            attempts.give_back(provider);
            return Ok(Verified::No(LoginAlert::throttled(BUSY_SECONDS)));
        }
    };
    log::declined(fault.entry());
    Ok(Verified::No(LoginAlert::Rejected))
}

/// How long the page asks to wait when all hashing threads have their hands full.
const BUSY_SECONDS: u64 = 2;
