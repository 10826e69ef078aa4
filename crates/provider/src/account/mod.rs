//! The account page: who is signed in in this browser, and the way out. Who is not signed in is
//! asked to, on a journey that ends here.

pub mod tokens;

use axum::extract::State;
use axum::response::Response;

use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::{Destination, OwnPage};
use crate::journey::interaction::Interaction;
use crate::journey::next::Decision;
use crate::pages::{ApplicationView, YourAccountView};
use crate::{Provider, initiate_login, journey, logout};

/// GET /account
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    page(&provider, exchange)
        .await
        .unwrap_or_else(|failure| provider.error_page(&failure, exchange))
}

async fn page(provider: &Provider, exchange: &Exchange) -> Result<Response, Failure> {
    let browser = provider.browser_secret(exchange);
    let session = provider.current_session(exchange).await?;
    let account = match &session {
        Some(session) => provider.accounts.account(&session.sub).await?,
        None => None,
    };
    let mut response = match (&session, &account) {
        (Some(session), Some(account)) => {
            let applications = initiate_login::applications(provider, &session.sub).await?;
            let applications: Vec<ApplicationView<'_>> = applications
                .iter()
                .map(|application| {
                    ApplicationView::new(&application.name, application.start.as_deref())
                })
                .collect();
            let are_allowed = provider.settings.personal_tokens.enabled;
            let tokens_url = are_allowed.then(|| provider.page_path(tokens::ENDPOINT));
            let view = YourAccountView {
                account: account.into(),
                email: account.email().filter(|email| *email != account.username),
                applications: &applications,
                tokens_url: tokens_url.as_deref(),
                sign_out_action: &provider.page_path(logout::ENDPOINT),
                interaction: &logout::form_for(provider, session, &browser)?,
            };
            provider.page(&view, exchange)
        }
        _ => {
            let destination = Destination::OwnPage(OwnPage::Account);
            let interaction = Interaction::begin(provider, destination, &browser);
            journey::proceed(provider, interaction, None, Decision::None, exchange).await
        }
    };
    provider.set_browser_cookie(&mut response, &browser);
    Ok(response)
}
