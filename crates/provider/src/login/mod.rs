//! Sign-in with a password, and the choice of an account: what the pages of an authorization post.
//!
//! All failures look alike: one text, one status, the same work. Attempts are counted before they
//! are looked at, per account name and per network address, so that guessing is slow and nobody is
//! locked out for good.

mod attempts;

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use countersign_store::sessions::BrowserSession;

use crate::Provider;
use crate::accounts::Proof;
use crate::authorize::interaction::{self, Interaction};
use crate::authorize::journey::{self, Decision, SignInPage};
use crate::authorize::{AuthorizeFault, InteractionFault};
use crate::clients::Client;
use crate::error::{Failure, ServerFault, causes};
use crate::exchange::{Exchange, Incoming};
use crate::pages::{ErrorKind, LoginAlert, decision, field};
use crate::session::SignIn;
use attempts::Attempts;

causes! {
    /// Why nobody was signed in. The page says the same for each.
    pub enum LoginFault {
        NameUnknown = "login_name_unknown" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "A name that no account has.",
            expected: "A username or email address.",
            fix: "`countersign user list` shows the accounts.",
        }
        PasswordWrong = "login_password_wrong" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "A wrong password.",
            expected: "The account's password.",
            fix: "`countersign user password NAME --password-stdin` sets a new one.",
        }
        AccountDisabled = "login_account_disabled" AccessDenied Hidden {
            rule: "All failures to sign in look alike.",
            received: "The right password of a disabled account.",
            expected: "An active account.",
            fix: "`countersign user enable NAME`",
        }
        Throttled = "login_throttled" AccessDenied Hidden {
            rule: "Attempts are counted per account and per address (`login` in the configuration).",
            received: "Too many attempts.",
            expected: "A pause.",
            fix: "Wait as long as the page says. Nobody is locked out for good.",
        }
        Busy = "login_busy" TemporarilyUnavailable Hidden {
            rule: "Password hashes are computed by a bounded number of threads.",
            received: "More sign-ins at once than may wait. The attempt was not counted.",
            expected: "Fewer at a time, or more cores.",
            fix: "Try again in a moment. `passwords.hashing_queue` is the limit.",
        }
        PasswordTooLong = "login_password_too_long" AccessDenied Hidden {
            rule: "A password has at most `passwords.maximum_bytes` bytes.",
            received: "A longer one.",
            expected: "The account's password.",
            fix: "Type the password.",
        }
    }
}

/// POST /login
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let mut exchange = incoming.exchange.clone();
    let (form, interaction, client) = match opened(&provider, &incoming).await {
        Ok(opened) => opened,
        Err(failure) => return form_failure(&provider, &failure, &exchange),
    };
    exchange
        .ui_locales
        .clone_from(&interaction.request.ui_locales);
    let target = interaction.request.target.clone();
    answer(&provider, &client, interaction, &form, &exchange)
        .await
        .unwrap_or_else(|failure| target.refuse(&provider, &failure, &exchange))
}

/// GET /login: a page that is only ever the answer to something else.
pub async fn opened_by_hand(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let failure = InteractionFault::Missing.into();
    provider.error_page(ErrorKind::InteractionExpired, &failure, &incoming.exchange)
}

async fn answer(
    provider: &Provider,
    client: &Client,
    mut interaction: Interaction,
    form: &Parameters,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let session = provider.current_session(exchange).await?;
    match form.get(field::DECISION).unwrap_or(decision::SIGN_IN) {
        decision::CANCEL => Err(AuthorizeFault::Cancelled.into()),
        decision::CONTINUE => {
            interaction.progress.account_chosen = true;
            let none = Decision::None;
            Ok(journey::proceed(provider, client, interaction, session, none, exchange).await)
        }
        decision::OTHER => {
            let page = SignInPage {
                alert: None,
                username: Some(""),
            };
            journey::sign_in_page(provider, client, &interaction, None, page, exchange).await
        }
        _ => sign_in(provider, client, interaction, session, form, exchange).await,
    }
}

async fn sign_in(
    provider: &Provider,
    client: &Client,
    interaction: Interaction,
    session: Option<BrowserSession>,
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
            let (session, cookie) = provider.sign_in(session.as_ref(), proof).await?;
            let session = Some(session);
            let none = Decision::None;
            let mut response =
                journey::proceed(provider, client, interaction, session, none, exchange).await;
            provider.set_session_cookie(&mut response, &cookie);
            Ok(response)
        }
        Verified::No(alert) => {
            let page = SignInPage {
                alert: Some(alert),
                username: Some(name),
            };
            journey::sign_in_page(
                provider,
                client,
                &interaction,
                session.as_ref(),
                page,
                exchange,
            )
            .await
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
    let attempts = Attempts::of(provider, name, exchange.peer);
    if let Some(seconds) = attempts.count(provider).await? {
        log(LoginFault::Throttled, exchange);
        return Ok(Verified::No(LoginAlert::throttled(seconds.unsigned_abs())));
    }
    if password.len() > provider.settings.passwords.maximum_bytes {
        log(LoginFault::PasswordTooLong, exchange);
        return Ok(Verified::No(LoginAlert::Rejected));
    }
    let proof = match provider.accounts.verify_password(name, password).await {
        Ok(proof) => proof,
        // The user keeps the page and what was typed; the client is not bothered.
        Err(failure) if failure.is(ServerFault::HashingBusy.entry()) => {
            log(LoginFault::Busy, exchange);
            attempts.give_back(provider);
            return Ok(Verified::No(LoginAlert::throttled(BUSY_SECONDS)));
        }
        Err(failure) => return Err(failure),
    };
    let fault = match proof {
        Proof::Accepted { sub, user_epoch } => {
            attempts.forget(provider);
            let amr = vec!["pwd".to_owned()]; // RFC 8176 2
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
    };
    log(fault, exchange);
    Ok(Verified::No(LoginAlert::Rejected))
}

/// How long the page asks to wait when all hashing threads have their hands full.
const BUSY_SECONDS: u64 = 2;

fn log(fault: LoginFault, exchange: &Exchange) {
    let cause = fault.entry().name;
    tracing::info!(
        request_id = exchange.request_id(),
        cause,
        "a sign-in was refused"
    );
}

/// The parts of a posted page: its form, the interaction in it, and the client as it stands now.
pub(crate) async fn opened(
    provider: &Provider,
    incoming: &Incoming,
) -> Result<(Parameters, Interaction, Client), Failure> {
    let form = incoming.form(provider, &[])?;
    let interaction = Interaction::of_form(provider, &form, &incoming.exchange)?;
    let client = provider
        .clients
        .find(&*provider.store, &interaction.request.client_id)
        .await?
        .ok_or(AuthorizeFault::ClientUnknown)?;
    // What was proven when the request came may have been taken away since.
    interaction.request.target.prove_again(&client)?;
    Ok((form, interaction, client))
}

/// The page for a form that cannot be taken.
pub(crate) fn form_failure(
    provider: &Provider,
    failure: &Failure,
    exchange: &Exchange,
) -> Response {
    if interaction::is_about_the_interaction(failure) {
        return provider.error_page(interaction::page_kind(failure), failure, exchange);
    }
    if failure.is(AuthorizeFault::RedirectUriNotRegistered.entry()) {
        return provider.error_page(ErrorKind::RedirectUriNotRegistered, failure, exchange);
    }
    if failure.is(AuthorizeFault::ClientUnknown.entry()) {
        return provider.error_page(ErrorKind::UnknownClient, failure, exchange);
    }
    provider.error_page_of(failure, exchange)
}
