//! First setup: the link that an operator was shown makes the first administrator, once.

pub mod fault;
pub mod form;

use axum::extract::State;
use axum::response::Response;
use countersign_management::Actor;
use countersign_management::setup::{SetupError, create_administrator};
use countersign_management::users::{NewAccount, UserError};
use countersign_oauth::parameters::Parameters;
use countersign_store::setup::SetupLinkState;
use countersign_store::users::NewUser;
use countersign_store::{Token, TokenKind};

use crate::Provider;
use crate::accounts::hashing_failed;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::OwnPage;
use crate::pages::{SetupDoneView, SetupProblem, SetupView, field};
use crate::session::SignIn;
use crate::session_management::set_state;
use fault::SetupFault;
use form::SetupForm;

/// GET /setup?token=...
pub async fn page(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    let opened = match incoming.parameters(&provider, &[]) {
        Ok(parameters) => link(&provider, &parameters).await,
        Err(failure) => Err(failure),
    };
    match opened {
        Ok(link) => form_page(&provider, &link, &SetupForm::default(), &[], exchange),
        Err(failure) => provider.error_page(&failure, exchange),
    }
}

/// POST /setup
pub async fn submit(State(provider): State<Provider>, incoming: Incoming) -> Response {
    match create(&provider, &incoming).await {
        Ok(response) => response,
        Err(failure) => provider.error_page(&failure, &incoming.exchange),
    }
}

async fn create(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let exchange = &incoming.exchange;
    let parameters = incoming.typed_form(provider)?;
    let link = link(provider, &parameters).await?;
    let form = SetupForm::read(&parameters);
    let problems = form.problems(&provider.settings.passwords, &provider.issuer);
    if !problems.is_empty() {
        return Ok(form_page(provider, &link, &form, &problems, exchange));
    }
    let made = create_administrator(
        &provider.context(Actor::SetupLink),
        &provider.passwords,
        &link,
        account(&form),
        &form.password,
        provider.now(),
    )
    .await;
    match made {
        Ok(administrator) => signed_in(provider, administrator, &form, exchange).await,
        Err(SetupError::Link(state)) => Err(refusal(state)),
        Err(SetupError::Account(error)) => {
            let problem = problem(error, &form)?;
            Ok(form_page(provider, &link, &form, &[problem], exchange))
        }
    }
}

/// The link of a request, if it is valid now.
async fn link(provider: &Provider, parameters: &Parameters) -> Result<Token, Failure> {
    let text = parameters.get(field::TOKEN).unwrap_or("");
    let link = Token::parse(TokenKind::SetupLink, text);
    let hash = match &link {
        Some(link) => link.hash(),
        None => countersign_store::SecretHash::from_bytes([0; 32]),
    };
    match (
        provider.store.setup_link(&hash, provider.now()).await?,
        link,
    ) {
        (SetupLinkState::Valid, Some(link)) => Ok(link),
        (SetupLinkState::Valid, None) => Err(SetupFault::LinkUnknown.into()),
        (state, _) => Err(refusal(state)),
    }
}

fn refusal(state: SetupLinkState) -> Failure {
    match state {
        SetupLinkState::Expired => SetupFault::LinkExpired.into(),
        SetupLinkState::AdministratorExists => SetupFault::AdministratorExists.into(),
        SetupLinkState::Unknown | SetupLinkState::Valid => SetupFault::LinkUnknown.into(),
    }
}

fn account(form: &SetupForm) -> NewAccount {
    NewAccount {
        username: form.username.clone(),
        email: Some(form.email.clone()),
        name: Some(form.name.clone()),
        ..NewAccount::default()
    }
}

/// What the page says of an account that can't be made, where the form can be changed.
fn problem(error: UserError, form: &SetupForm) -> Result<SetupProblem, Failure> {
    match error {
        UserError::NameTaken(name) if name == form.email => Ok(SetupProblem::EmailTaken),
        UserError::NameTaken(_) => Ok(SetupProblem::UsernameTaken),
        UserError::Hashing(error) => Err(hashing_failed(error)),
        UserError::Store(error) => Err(error.into()),
        // The form was looked at before; what remains is a username that no account can have.
        _ => Ok(SetupProblem::UsernameInvalid),
    }
}

fn form_page(
    provider: &Provider,
    link: &Token,
    form: &SetupForm,
    problems: &[SetupProblem],
    exchange: &Exchange,
) -> Response {
    let view = SetupView {
        action: &provider.page_path("/setup"),
        token: &link.expose(),
        name: &form.name,
        email: &form.email,
        username: &form.username,
        minimum_password_length: provider.settings.passwords.minimum_characters,
        problems,
    };
    provider.page(&view, exchange)
}

/// The new administrator has just chosen the password, so they are signed in, and the page leads
/// on.
async fn signed_in(
    provider: &Provider,
    administrator: NewUser,
    form: &SetupForm,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let sub = &administrator.user.sub;
    tracing::info!(act = "setup", sub, "the first administrator was created");
    let current = provider.current_session(exchange).await?;
    let proof = SignIn {
        sub: administrator.user.sub,
        user_epoch: administrator.epoch,
        amr: vec!["pwd".to_owned()], // RFC 8176, section 2
        proved_in: None,
    };
    let (session, cookie) = provider.sign_in(current.as_ref(), proof).await?;
    let view = SetupDoneView {
        name: &form.name,
        continue_url: provider.settings.setup.after_setup_url.as_deref(),
        account_url: &provider.page_path(OwnPage::Account.path()),
    };
    let mut response = provider.page(&view, exchange);
    provider.set_session_cookie(&mut response, &cookie);
    set_state(provider, &mut response, &session);
    provider.set_device_cookie(&mut response, &form.username, exchange);
    Ok(response)
}
