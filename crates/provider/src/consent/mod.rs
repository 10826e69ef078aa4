//! Consent: what the consent page posts. It counts only from the user who was shown the page.

use axum::extract::State;
use axum::response::Response;

use crate::Provider;
use crate::authorize::journey::{self, Decision};
use crate::authorize::{AuthorizeFault, InteractionFault};
use crate::error::{Failure, causes};
use crate::exchange::Incoming;
use crate::login::{form_failure, opened};
use crate::pages::{decision, field};

causes! {
    /// Why a consent form was not taken.
    pub enum ConsentFault {
        DecisionMissing = "consent_decision_missing" InvalidRequest Hidden {
            rule: "Consent is one of two buttons.",
            received: "A form with neither.",
            expected: "decision=allow or decision=deny.",
            fix: "Press one of the buttons of the page.",
        }
    }
}

/// POST /consent
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
    let refuse = |failure: Failure| target.refuse(&provider, &failure, &exchange);
    let session = match provider.current_session(&exchange).await {
        Ok(session) => session,
        Err(failure) => return refuse(failure),
    };
    match form.get(field::DECISION) {
        Some(decision::DENY | decision::CANCEL) => refuse(AuthorizeFault::ConsentDenied.into()),
        Some(decision::ALLOW) => {
            let shown_to = interaction.progress.consent_shown_to.as_deref();
            let same_user = session.as_ref().is_some_and(|s| shown_to == Some(&s.sub));
            if !same_user {
                let cause = InteractionFault::OtherUser.entry().name;
                tracing::info!(
                    request_id = exchange.request_id(),
                    cause,
                    "a consent was not taken"
                );
            }
            let decision = if same_user {
                Decision::Allowed
            } else {
                Decision::None
            };
            journey::proceed(
                &provider,
                &client,
                interaction,
                session,
                decision,
                &exchange,
            )
            .await
        }
        _ => refuse(ConsentFault::DecisionMissing.into()),
    }
}
