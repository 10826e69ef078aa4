//! Consent: what the consent page posts. It counts only from the user who was shown the page.

pub mod fault;

use axum::extract::State;
use axum::response::Response;
use countersign_store::sessions::BrowserSession;

use crate::Provider;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::journey;
use crate::journey::destination::Destination;
use crate::journey::fault::{InteractionFault, JourneyFault};
use crate::journey::interaction::{Interaction, Page};
use crate::journey::next::Decision;
use crate::journey::page;
use crate::journey::posted::{self, Posted};
use crate::log;
use crate::pages::{decision, field};
use fault::ConsentFault;

/// POST /consent
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    posted::answered(&provider, &incoming, answer).await
}

async fn answer(provider: &Provider, posted: Posted) -> Result<Response, Failure> {
    let Posted {
        form,
        page: posted_on,
        interaction,
        exchange,
    } = posted;
    let session = provider.current_session(&exchange).await?;
    match form.get(field::DECISION) {
        Some(decision::DENY | decision::CANCEL) => Err(JourneyFault::ConsentDenied.into()),
        Some(decision::ALLOW) => {
            let decision = allowed(&posted_on, session.as_ref(), &interaction);
            Ok(journey::proceed(provider, interaction, session, decision, &exchange).await)
        }
        Some(decision::OTHER) => page::sign_in_as_another(provider, &interaction, &exchange).await,
        _ => Err(ConsentFault::DecisionMissing.into()),
    }
}

/// Allows access, if the form came from the user who was shown the page, for the client as it was
/// shown. Otherwise the journey continues with the current user and the current client.
fn allowed(page: &Page, session: Option<&BrowserSession>, interaction: &Interaction) -> Decision {
    let Destination::Client(client_request) = &interaction.destination else {
        return Decision::None;
    };
    let asks_now = |sub: &str| Page::consent(sub, client_request.target.client());
    match session.is_some_and(|session| *page == asks_now(&session.sub)) {
        true => {
            let sub = session.map(|session| session.sub.as_str());
            tracing::info!(act = "consent", sub, "a user allowed a client's request");
            Decision::Allowed
        }
        false => {
            let is_shown_to =
                |sub: &str| matches!(page, Page::Consent { shown_to, .. } if shown_to == sub);
            let cause = match session.is_some_and(|session| is_shown_to(&session.sub)) {
                true => InteractionFault::ClientChanged,
                false => InteractionFault::OtherUser,
            };
            log::declined(cause.entry());
            Decision::None
        }
    }
}
