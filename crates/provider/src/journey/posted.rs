//! A form that a page of a journey posted: it is opened, and its destination is proven again.

use axum::response::Response;
use countersign_oauth::parameters::Parameters;

use super::destination::{Destination, NotProven, OwnPage};
use super::fault::InteractionFault;
use super::interaction::{Interaction, Page, Sealed};
use super::page::SignInPage;
use crate::Provider;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::log;
use crate::pages::{LoginAlert, WayOn, error_kind};
use crate::sealed_form::{Binding, SealedForm};

/// A form that a page posted, with the interaction that it belongs to.
pub struct Posted {
    pub form: Parameters,
    pub page: Page,
    pub interaction: Interaction,
    /// The request, in the language of the interaction.
    pub exchange: Exchange,
}

/// Responds to a form that a page posted. As at the authorization endpoint an error is a page until
/// the destination is proven, here again; from then on every outcome leaves through it.
///
/// A form that came too late decides nothing: the journey starts again, to the same destination.
pub async fn answered(
    provider: &Provider,
    incoming: &Incoming,
    answer: impl AsyncFnOnce(&Provider, Posted) -> Result<Response, Failure>,
) -> Response {
    let mut exchange = incoming.exchange.clone();
    let (form, sealed) = match opened(provider, incoming) {
        Ok(opened) => opened,
        Err(failure) => return not_led_on(provider, &failure, incoming).await,
    };
    let is_expired = sealed.is_expired(provider);
    let SealedForm { carried, binding } = sealed;
    exchange.ui_locales = carried.destination.ui_locales().map(str::to_owned);
    let destination = match carried.destination.prove_again(provider).await {
        Ok(destination) => destination,
        Err(not_proven) => return not_proven.respond(provider, &exchange),
    };
    if is_expired {
        return begun_again(provider, destination, &binding, &exchange).await;
    }
    let posted = Posted {
        form,
        interaction: Interaction {
            id: carried.id,
            destination: destination.clone(),
            chosen: carried.chosen,
            binding,
        },
        page: carried.page,
        exchange: exchange.clone(),
    };
    answer(provider, posted)
        .await
        .unwrap_or_else(|failure| destination.refuse(provider, &failure, &exchange))
}

/// The same for a program, which is told of a form that is too old or leads nowhere any more.
///
/// # Errors
/// Returns an [`InteractionFault`] if the form is not this browser's or is too old, or why its
/// destination could not be proven.
pub async fn posted(provider: &Provider, incoming: &Incoming) -> Result<Posted, Failure> {
    let (form, sealed) = opened(provider, incoming)?;
    if sealed.is_expired(provider) {
        return Err(InteractionFault::Expired.into());
    }
    let SealedForm { carried, binding } = sealed;
    let proven = carried.destination.prove_again(provider).await;
    let destination = proven.map_err(NotProven::into_failure)?;
    Ok(Posted {
        form,
        interaction: Interaction {
            id: carried.id,
            destination,
            chosen: carried.chosen,
            binding,
        },
        page: carried.page,
        exchange: incoming.exchange.clone(),
    })
}

/// The page for a form that belongs to no journey of this browser. From there the person can go on
/// to the application, if the form names it, or to their account.
async fn not_led_on(provider: &Provider, failure: &Failure, incoming: &Incoming) -> Response {
    let exchange = &incoming.exchange;
    if failure.cause.page != error_kind::OTHER_BROWSER {
        return provider.error_page(failure, exchange);
    }
    let named = match incoming.form(provider, &[]) {
        Ok(form) => SealedForm::<Sealed>::content_of_any_browser(provider, &form),
        Err(_) => None,
    };
    let destination = match named {
        Some(carried) => carried.destination.prove_again(provider).await.ok(),
        None => None,
    };
    let client = destination.as_ref().and_then(Destination::shown_client);
    let way_on = WayOn {
        application: client.and_then(|client| client.metadata.client_uri.as_deref()),
        account: Some(&provider.page_path(OwnPage::Account.path())),
        place: None,
    };
    provider.error_page_with(failure, way_on, exchange)
}

/// A new journey instead of one whose form is too old.
async fn begun_again(
    provider: &Provider,
    destination: Destination,
    binding: &Binding,
    exchange: &Exchange,
) -> Response {
    log::declined(InteractionFault::Expired.entry());
    let session = match provider.current_session(exchange).await {
        Ok(session) => session,
        Err(failure) => return destination.refuse(provider, &failure, exchange),
    };
    let binding = binding.begun_now(provider);
    let interaction = Interaction::begin_bound(provider, destination, binding);
    let page = SignInPage {
        alert: Some(LoginAlert::Expired),
        username: None,
    };
    super::proceed_showing(provider, interaction, session, page, exchange).await
}

fn opened(
    provider: &Provider,
    incoming: &Incoming,
) -> Result<(Parameters, SealedForm<Sealed>), Failure> {
    let form = incoming.typed_form(provider)?;
    let sealed = SealedForm::open_at_any_age(provider, &form, &incoming.exchange)?;
    Ok((form, sealed))
}
