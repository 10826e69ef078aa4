//! An authorization under way. Before sign-in nothing is written: the request and how far it got
//! travel sealed in the pages' forms, bound to the browser by a cookie, and never in an address.
//!
//! A form holds no proof and no counter. Who signed in stands in the session, in the store; client,
//! redirect URI and what the client may ask for are proven again whenever a form comes back.

use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use countersign_store::GrantId;
use serde::{Deserialize, Serialize};

use super::fault::{AuthorizeFault, InteractionFault};
use super::request::AuthorizationRequest;
use super::target::{self, CarriedTarget, RedirectTarget};
use crate::Provider;
use crate::browser_secret::BrowserSecret;
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::sealed_form::{Binding, Carried, NotOpened, SealedForm};

/// Answers a form that a page posted. As at the authorization endpoint an error is a page until the
/// target is proven, here again, and from then on every outcome leaves through the target.
pub async fn answered(
    provider: &Provider,
    incoming: &Incoming,
    answer: impl AsyncFnOnce(&Provider, Posted) -> Result<Response, Failure>,
) -> Response {
    let mut exchange = incoming.exchange.clone();
    let (form, sealed) = match opened(provider, incoming) {
        Ok(opened) => opened,
        Err(failure) => return provider.error_page(&failure, &exchange),
    };
    exchange
        .ui_locales
        .clone_from(&sealed.carried.request.ui_locales);
    let target = match target::prove_again(provider, &sealed.carried.target).await {
        Ok(target) => target,
        Err(failure) => return provider.error_page(&failure, &exchange),
    };
    let page = sealed.carried.page.clone();
    let outcome = match Interaction::resumed(provider, target.clone(), sealed) {
        Ok(interaction) => {
            let posted = Posted {
                form,
                page,
                interaction,
                exchange: exchange.clone(),
            };
            answer(provider, posted).await
        }
        Err(failure) => Err(failure),
    };
    outcome.unwrap_or_else(|failure| target.refuse(provider, &failure, &exchange))
}

/// A checked request of a proven client, in the browser that it was begun in.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Becomes the grant's id, so that finishing twice is seen.
    pub id: GrantId,
    pub target: RedirectTarget,
    pub request: AuthorizationRequest,
    /// Who answered `prompt=select_account`.
    pub chosen: Option<String>,
    binding: Binding,
}

/// A form that a page posted, with the interaction that it belongs to.
pub struct Posted {
    pub form: Parameters,
    pub page: Page,
    pub interaction: Interaction,
    /// The request, in the language of the interaction.
    pub exchange: Exchange,
}

/// The page that a form stands on, and which user (`sub`) was shown it. A decision counts from that
/// user: while a page stands, somebody else may sign in beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    SignIn,
    SelectAccount(String),
    Consent(String),
}

impl Interaction {
    /// Begins an authorization in a browser.
    pub fn begin(
        provider: &Provider,
        target: RedirectTarget,
        request: AuthorizationRequest,
        browser: &BrowserSecret,
    ) -> Interaction {
        Interaction {
            id: GrantId::generate(&*provider.random),
            target,
            request,
            chosen: None,
            binding: Binding::new(provider, browser),
        }
    }

    /// The interaction of a form whose target is proven again: its request, as far as the client
    /// may still make it.
    fn resumed(
        provider: &Provider,
        target: RedirectTarget,
        sealed: SealedForm<Sealed>,
    ) -> Result<Interaction, Failure> {
        let SealedForm { carried, binding } = sealed;
        Ok(Interaction {
            id: carried.id,
            request: carried.request.still_allowed(provider, target.client())?,
            target,
            chosen: carried.chosen,
            binding,
        })
    }

    pub fn client(&self) -> &Client {
        self.target.client()
    }

    /// The text for a page's form.
    pub fn seal(&self, provider: &Provider, page: Page) -> Result<String, Failure> {
        let carried = Sealed {
            id: self.id,
            target: self.target.carried(),
            request: self.request.clone(),
            page,
            chosen: self.chosen.clone(),
        };
        let binding = self.binding.clone();
        SealedForm { carried, binding }.seal(provider)
    }
}

fn opened(
    provider: &Provider,
    incoming: &Incoming,
) -> Result<(Parameters, SealedForm<Sealed>), Failure> {
    let form = incoming.form(provider, &[])?;
    let sealed = SealedForm::open(provider, &form, &incoming.exchange)?;
    Ok((form, sealed))
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    id: GrantId,
    target: CarriedTarget,
    request: AuthorizationRequest,
    page: Page,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<String>,
}

impl Carried for Sealed {
    const KIND: &'static str = "interactions";

    fn too_long() -> Failure {
        AuthorizeFault::ParameterTooLong.into()
    }

    fn not_opened(why: NotOpened) -> Failure {
        match why {
            NotOpened::Missing => InteractionFault::Missing,
            NotOpened::Unreadable => InteractionFault::Unreadable,
            NotOpened::Expired => InteractionFault::Expired,
            NotOpened::OtherBrowser => InteractionFault::OtherBrowser,
        }
        .into()
    }
}
