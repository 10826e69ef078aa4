//! The answer to the approval page. It counts only from the user who was shown the page, and to
//! allow, only for the client as it was shown there.

use axum::extract::State;
use axum::response::Response;
use countersign_store::sessions::BrowserSession;

use super::json;
use crate::Provider;
use crate::device_request::answer;
use crate::device_request::fault::DeviceFault;
use crate::device_request::proven::ProvenDeviceRequest;
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
        (Destination::Device(proven), Page::Device { shown_to, client }) => {
            Some((proven, shown_to, client))
        }
        _ => None,
    };
    match (form.get(field::DECISION), shown) {
        // This needs no recent sign-in, and no session any more: it gives nothing to anyone.
        (Some(decision::DENY), Some((proven, shown_to, _))) => {
            answer::deny(provider, proven, &shown_to).await?;
            Ok(page::device_answered(provider, proven, false, &exchange))
        }
        (Some(decision::OTHER), _) => {
            page::sign_in_as_another(provider, &interaction, &exchange).await
        }
        (Some(decision::ALLOW), Some((proven, shown_to, client))) => {
            let session = provider.current_session(&exchange).await?;
            let decision = match refusal(session.as_ref(), &shown_to, proven, &client) {
                None => Decision::Allowed,
                Some(cause) => {
                    log::declined(cause.entry());
                    Decision::None
                }
            };
            Ok(journey::proceed(provider, interaction, session, decision, &exchange).await)
        }
        _ => Err(DeviceFault::DecisionMissing.into()),
    }
}

/// Why an approval does not count that was given on a page shown to this user, of this client (its
/// [`consent_binding`](crate::clients::Registered::consent_binding)); `None` if it does.
pub(super) fn refusal(
    session: Option<&BrowserSession>,
    shown_to: &str,
    proven: &ProvenDeviceRequest,
    client: &str,
) -> Option<InteractionFault> {
    if session.is_none_or(|session| session.sub != shown_to) {
        return Some(InteractionFault::OtherUser);
    }
    let has_changed = proven.client().consent_binding() != client;
    has_changed.then_some(InteractionFault::ClientChanged)
}
