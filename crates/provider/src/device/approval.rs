//! The answer to the approval page. It counts only from the user who was shown the page.

use axum::extract::State;
use axum::response::Response;

use super::json;
use crate::Provider;
use crate::device_request::answer;
use crate::device_request::fault::DeviceFault;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::journey;
use crate::journey::destination::Destination;
use crate::journey::fault::InteractionFault;
use crate::journey::interaction::Page;
use crate::journey::next::Decision;
use crate::journey::page;
use crate::journey::posted::{self, Posted};
use crate::log;
use crate::pages::{decision, field};

/// POST /device/approval
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    if json::is_wanted(&incoming.exchange) {
        let answered = json::answer(&provider, &incoming).await;
        return answered.unwrap_or_else(|failure| provider.error_json(&failure));
    }
    posted::answered(&provider, &incoming, answer).await
}

async fn answer(provider: &Provider, posted: Posted) -> Result<Response, Failure> {
    let Posted {
        form,
        page: posted_on,
        interaction,
        exchange,
    } = posted;
    let shown = match (&interaction.destination, posted_on) {
        (Destination::Device(proven), Page::Device(shown_to)) => Some((proven, shown_to)),
        _ => None,
    };
    match (form.get(field::DECISION), shown) {
        // This needs no recent sign-in, and no session any more: it gives nothing to anyone.
        (Some(decision::DENY), Some((proven, shown_to))) => {
            answer::deny(provider, proven, &shown_to).await?;
            Ok(page::device_answered(provider, proven, false, &exchange))
        }
        (Some(decision::OTHER), _) => {
            page::sign_in_as_another(provider, &interaction, &exchange).await
        }
        (Some(decision::ALLOW), Some((_, shown_to))) => {
            let session = provider.current_session(&exchange).await?;
            let decision = match session.as_ref().is_some_and(|now| now.sub == shown_to) {
                true => Decision::Allowed,
                false => {
                    log::declined(InteractionFault::OtherUser.entry());
                    Decision::None
                }
            };
            Ok(journey::proceed(provider, interaction, session, decision, &exchange).await)
        }
        _ => Err(DeviceFault::DecisionMissing.into()),
    }
}
