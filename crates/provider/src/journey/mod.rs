//! A journey of a person through our pages, to its [`Destination`](destination::Destination): the
//! client that asked for an authorization, or a page of our own.
//!
//! Hub and spoke: every page returns to [`proceed`], and [`next`] says what comes next. Sign-in and
//! consent have their own folders; what a client asked for is in
//! [`authorization_request`](crate::authorization_request).

pub mod destination;
pub mod fault;
pub mod finish;
mod front_channel;
pub mod interaction;
pub mod next;
pub mod page;
pub mod posted;

use axum::response::Response;
use countersign_store::sessions::BrowserSession;

use crate::Provider;
use crate::device_request::answer;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::respond;
use crate::session_management::{session_state, set_state};
use destination::{ClientRequest, Destination};
use interaction::Interaction;
use next::{Decision, Next, State, what_next};
use page::SignInPage;

/// Takes the journey one page further, to its end where no one needs to be asked. Every outcome, a
/// failure too, leaves through the proven destination.
pub async fn proceed(
    provider: &Provider,
    interaction: Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    exchange: &Exchange,
) -> Response {
    let page = SignInPage::default();
    step(provider, &interaction, session, decision, page, exchange)
        .await
        .unwrap_or_else(|failure| interaction.destination.refuse(provider, &failure, exchange))
}

/// The same, undecided, for a journey whose sign-in page has something to say.
async fn proceed_showing(
    provider: &Provider,
    interaction: Interaction,
    session: Option<BrowserSession>,
    page: SignInPage<'_>,
    exchange: &Exchange,
) -> Response {
    step(
        provider,
        &interaction,
        session,
        Decision::None,
        page,
        exchange,
    )
    .await
    .unwrap_or_else(|failure| interaction.destination.refuse(provider, &failure, exchange))
}

async fn step(
    provider: &Provider,
    interaction: &Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    page: SignInPage<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let consent = match (&session, &interaction.destination) {
        (Some(session), Destination::Client(client_request)) => {
            let client_id = &client_request.target.client().client_id;
            provider.store.consent(&session.sub, client_id).await?
        }
        _ => None,
    };
    let state = State {
        interaction,
        session: session.as_ref(),
        consent: consent.as_ref(),
        decision,
        subjects: &provider.subjects,
        now: provider.now(),
    };
    match what_next(&state) {
        Next::SignIn => {
            page::sign_in(provider, interaction, session.as_ref(), page, exchange).await
        }
        Next::SelectAccount(user) => {
            page::select_account(provider, interaction, user, exchange).await
        }
        Next::Consent(client_request, user) => {
            page::consent(provider, interaction, client_request, user, exchange).await
        }
        Next::Finish(permitted) => {
            let issued = finish::issue(provider, interaction.id, &permitted).await?;
            let issued = front_channel::parameters(provider, &permitted, &issued).await?;
            let ClientRequest { target, request } = permitted.client_request();
            let session = permitted.session();
            let session_state = session_state(provider, target, &request.scope, session);
            let session_state = session_state.as_deref();
            let mut response = target.deliver(provider, &issued, session_state, exchange);
            set_state(provider, &mut response, session);
            Ok(response)
        }
        Next::AskAboutDevice(proven, user) => {
            page::device(provider, interaction, proven, user, exchange).await
        }
        Next::ApproveDevice(proven, user) => {
            answer::approve(provider, proven, user.session()).await?;
            Ok(page::device_answered(provider, proven, true, exchange))
        }
        Next::Open(page) => Ok(respond::redirect(&provider.page_path(page.path()))),
        Next::Refuse(fault) => Err(fault.into()),
    }
}
