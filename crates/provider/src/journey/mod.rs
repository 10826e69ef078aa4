//! Hub and spoke: every page of an authorization returns here, and [`next`](super::next) says where
//! it goes on.

use axum::response::Response;
use countersign_store::sessions::BrowserSession;

use super::allowance;
use super::finish;
use super::interaction::Interaction;
use super::next::{Decision, Next, State, what_next};
use super::page::{self, SignInPage};
use crate::Provider;
use crate::error::Failure;
use crate::exchange::Exchange;

/// Takes the authorization one page further, to its end where nobody needs to be asked. Every
/// outcome, a failure too, leaves through the proven target.
pub async fn proceed(
    provider: &Provider,
    interaction: Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    exchange: &Exchange,
) -> Response {
    let target = interaction.target.clone();
    step(provider, interaction, session, decision, exchange)
        .await
        .unwrap_or_else(|failure| target.refuse(provider, &failure, exchange))
}

async fn step(
    provider: &Provider,
    interaction: Interaction,
    session: Option<BrowserSession>,
    decision: Decision,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let client_id = &interaction.client().client_id;
    let consent = match &session {
        Some(session) => provider.store.consent(&session.sub, client_id).await?,
        None => None,
    };
    let state = State {
        interaction: &interaction,
        session: session.as_ref(),
        consent: consent.as_ref(),
        decision,
        now: provider.now(),
    };
    match what_next(&state) {
        Next::SignIn => {
            let session = session.as_ref();
            page::sign_in(
                provider,
                &interaction,
                session,
                SignInPage::default(),
                exchange,
            )
            .await
        }
        Next::SelectAccount(user) => {
            page::select_account(provider, &interaction, user, exchange).await
        }
        Next::Consent(user) => page::consent(provider, &interaction, user, exchange).await,
        Next::Finish(permitted) => {
            if !state.is_proved_here() {
                allowance::count(provider, permitted.session()).await?;
            }
            let code = finish::issue(provider, &interaction, &permitted).await?;
            Ok(interaction.target.grant(provider, &code.expose(), exchange))
        }
        Next::Refuse(fault) => Err(fault.into()),
    }
}
