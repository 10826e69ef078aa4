//! The page on which a person connects a device (RFC 8628, section 3.3): the verification URI.
//!
//! | step | where |
//! |---|---|
//! | ask for the code that the device shows | [`page`] |
//! | read the code, count the attempt, find the request | [`entered`], `attempts` |
//! | sign in, if that was not recent | [`journey`] |
//! | show who asks, for what and from where, with a warning | [`journey`] |
//! | take the answer | [`approval`] |
//!
//! An application of one's own at this origin gets the same as JSON: `json`.
//!
//! The code is always typed, even if the link has one (section 3.3.1): a person who was sent a link
//! has no device in front of them that shows the code (section 5.4). A GET changes nothing.

pub mod approval;
mod attempts;
mod form;
mod json;

use axum::extract::State;
use axum::response::Response;

use crate::device_request::fault::DeviceFault;
use crate::device_request::proven::{self, ProvenDeviceRequest};
use crate::device_request::user_code::UserCode;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::Destination;
use crate::journey::fault::InteractionFault;
use crate::journey::interaction::Interaction;
use crate::journey::next::Decision;
use crate::pages::error_kind::DEVICE_REQUEST_OVER;
use crate::pages::{DeviceCodeAlert, DeviceCodeView, field};
use crate::sealed_form::{Binding, SealedForm};
use crate::{Provider, journey, log};
use attempts::Attempts;
use form::CodeForm;

/// Below the issuer's path.
pub const ENDPOINT: &str = "/device";

/// GET /device
pub async fn page(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    let linked = match incoming.parameters(&provider, &[]) {
        Ok(parameters) => parameters.get(field::USER_CODE).and_then(UserCode::parse),
        Err(failure) => return provider.error_page(&failure, exchange),
    };
    let browser = provider.browser_secret(exchange);
    let sealed = SealedForm {
        carried: CodeForm::new(linked.as_ref()),
        binding: Binding::new(&provider, &browser),
    };
    let shown = ask(&provider, sealed, Asked::default(), exchange);
    let mut response = shown.unwrap_or_else(|failure| provider.error_page(&failure, exchange));
    provider.set_browser_cookie(&mut response, &browser);
    response
}

/// POST /device
pub async fn entered(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let exchange = &incoming.exchange;
    let answered = answer(&provider, &incoming).await;
    answered.unwrap_or_else(|failure| match json::is_wanted(exchange) {
        true => provider.error_json(&failure),
        false => provider.error_page(&failure, exchange),
    })
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let exchange = &incoming.exchange;
    let form = incoming.typed_form(provider)?;
    let typed = form.get(field::USER_CODE).unwrap_or("");
    let sealed = SealedForm::<CodeForm>::open_at_any_age(provider, &form, exchange)?;
    let found = match code_of(provider, &sealed, typed) {
        Ok(user_code) => find(provider, &user_code, &sealed.binding, exchange).await?,
        Err(alert) => Err(alert),
    };
    let binding = sealed.binding.begun_now(provider);
    match found {
        Ok(proven) => {
            let destination = Destination::Device(proven);
            let interaction = Interaction::begin_bound(provider, destination, binding);
            let session = provider.current_session(exchange).await?;
            if json::is_wanted(exchange) {
                return json::describe(provider, &interaction, session.as_ref());
            }
            let none = Decision::None;
            Ok(journey::proceed(provider, interaction, session, none, exchange).await)
        }
        Err(alert) => {
            let again = SealedForm { binding, ..sealed };
            let alert = Some(alert);
            ask(provider, again, Asked { alert, typed }, exchange)
        }
    }
}

/// What the page says beside its question.
#[derive(Default)]
struct Asked<'a> {
    alert: Option<DeviceCodeAlert>,
    /// What was typed before.
    typed: &'a str,
}

fn ask(
    provider: &Provider,
    sealed: SealedForm<CodeForm>,
    asked: Asked<'_>,
    exchange: &Exchange,
) -> Result<Response, Failure> {
    let linked = sealed.carried.is_linked();
    let interaction = sealed.seal(provider)?;
    if json::is_wanted(exchange) {
        return json::ask(&interaction, asked.alert);
    }
    let view = DeviceCodeView {
        action: &provider.page_path(ENDPOINT),
        interaction: &interaction,
        linked,
        user_code: asked.typed,
        alert: asked.alert,
    };
    Ok(provider.page(&view, exchange))
}

/// The code that was typed, or what the page says instead. Nothing is looked up, so nothing is
/// counted.
fn code_of(
    provider: &Provider,
    sealed: &SealedForm<CodeForm>,
    typed: &str,
) -> Result<UserCode, DeviceCodeAlert> {
    if sealed.is_expired(provider) {
        log::declined(InteractionFault::Expired.entry());
        return Err(DeviceCodeAlert::Expired);
    }
    let user_code = UserCode::parse(typed).ok_or_else(|| {
        log::declined(DeviceFault::UserCodeMalformed.entry());
        DeviceCodeAlert::Rejected
    })?;
    if !sealed.carried.takes(&user_code) {
        log::declined(DeviceFault::UserCodeNotTheLinks.entry());
        return Err(DeviceCodeAlert::NotTheLinks);
    }
    Ok(user_code)
}

/// The request that waits under this code. The attempt is counted before the code is looked up, and
/// given back if the code is right. Every other code looks alike.
async fn find(
    provider: &Provider,
    user_code: &UserCode,
    binding: &Binding,
    exchange: &Exchange,
) -> Result<Result<Box<ProvenDeviceRequest>, DeviceCodeAlert>, Failure> {
    let attempts = Attempts::of(provider, binding, exchange);
    if let Some(seconds) = attempts.count(provider).await? {
        log::declined(DeviceFault::UserCodeThrottled.entry());
        return Ok(Err(DeviceCodeAlert::throttled(seconds.unsigned_abs())));
    }
    let store = &provider.store;
    let found = store
        .device_request_with_user_code(&user_code.hash())
        .await?;
    let cause = match found {
        None => DeviceFault::UserCodeUnknown.entry(),
        Some(request) => match proven::prove(provider, Some(request)).await {
            Ok(proven) if proven.is_pending() => {
                attempts.give_back(provider).await;
                return Ok(Ok(Box::new(proven)));
            }
            Ok(_) => DeviceFault::RequestAnswered.entry(),
            Err(failure) if failure.cause.page == DEVICE_REQUEST_OVER => failure.cause,
            Err(failure) => return Err(failure),
        },
    };
    log::declined(cause);
    Ok(Err(DeviceCodeAlert::Rejected))
}
