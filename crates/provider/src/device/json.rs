//! The device page as JSON, for an application of one's own that is served at the provider's own
//! origin and shows pages of its own. It asks with `Accept: application/json`:
//!
//! | request | response |
//! |---|---|
//! | GET /device | `interaction`, for the form |
//! | POST /device with `interaction` and `user_code` | who asks for what, with the next `interaction`; or an error |
//! | POST /device/approval with `interaction` and `decision` | what was decided |
//!
//! What protects the page's forms protects these: the `interaction` is bound to the browser's
//! cookie, and no other origin's script can read it. A person who is not signed in, or not recently
//! enough, is an error here, `login_required`: signing in takes the page.

use axum::response::Response;
use countersign_oauth::error_code::ErrorCode;
use countersign_store::sessions::BrowserSession;
use http::{StatusCode, header};
use serde::Serialize;

use super::approval;
use crate::Provider;
use crate::device_request::answer as answering;
use crate::device_request::fault::DeviceFault;
use crate::device_request::proven::ProvenDeviceRequest;
use crate::error::Failure;
use crate::exchange::{Exchange, Incoming};
use crate::journey::destination::Destination;
use crate::journey::fault::JourneyFault;
use crate::journey::interaction::{Interaction, Page};
use crate::journey::next::{Decision, Next, State, what_next};
use crate::journey::posted::{self, Posted};
use crate::pages::{DeviceCodeAlert, decision, field};
use crate::respond;

/// Whether a program asks and not a browser, which always accepts HTML.
pub fn is_wanted(exchange: &Exchange) -> bool {
    let accept = exchange.header(header::ACCEPT).unwrap_or("");
    accept.contains("application/json") && !accept.contains("text/html")
}

#[derive(Default, Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Whether the person has to be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_authorization_needed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_from: Option<RequestedFrom<'a>>,
    /// For the next form.
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
}

#[derive(Serialize)]
struct RequestedFrom<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    /// Unix seconds.
    at: i64,
}

impl<'a> Body<'a> {
    fn about(proven: &'a ProvenDeviceRequest) -> Body<'a> {
        Body {
            client_id: Some(&proven.client().client_id),
            scope: Some(proven.scope().to_string()),
            ..Body::default()
        }
    }

    fn respond(&self, status: StatusCode) -> Result<Response, Failure> {
        Ok(respond::json_text(status, respond::json_bytes(self)?))
    }
}

/// The form for a code, first or again.
pub fn ask(interaction: &str, alert: Option<DeviceCodeAlert>) -> Result<Response, Failure> {
    let (status, error, error_description) = match alert {
        None => (StatusCode::OK, None, None),
        Some(DeviceCodeAlert::Rejected) => (
            StatusCode::BAD_REQUEST,
            Some(ErrorCode::InvalidRequest),
            Some("The code is wrong or has expired."),
        ),
        Some(DeviceCodeAlert::NotTheLinks) => (
            StatusCode::BAD_REQUEST,
            Some(ErrorCode::InvalidRequest),
            Some("This code is not the one in the link."),
        ),
        Some(DeviceCodeAlert::Expired) => (
            StatusCode::BAD_REQUEST,
            Some(ErrorCode::InvalidRequest),
            Some("The form is too old."),
        ),
        Some(DeviceCodeAlert::Throttled { .. }) => (
            StatusCode::TOO_MANY_REQUESTS,
            Some(ErrorCode::TemporarilyUnavailable),
            Some("Too many wrong codes."),
        ),
    };
    let body = Body {
        interaction: Some(interaction),
        error: error.map(ErrorCode::as_str),
        error_description,
        ..Body::default()
    };
    body.respond(status)
}

/// Who asks for what, for the person who is signed in.
pub fn describe(
    provider: &Provider,
    interaction: &Interaction,
    session: Option<&BrowserSession>,
) -> Result<Response, Failure> {
    match next(provider, interaction, session, Decision::None) {
        Next::AskAboutDevice(proven, user) => {
            let page = Page::device(&user.session().sub, proven.client());
            let from = &proven.request().requested_from;
            let body = Body {
                client_name: Some(proven.client().display_name()),
                scope_authorization_needed: Some(true),
                requested_from: Some(RequestedFrom {
                    address: from.address.as_deref(),
                    user_agent: from.user_agent.as_deref(),
                    at: proven.request().created_at,
                }),
                interaction: Some(&interaction.seal(provider, page)?),
                ..Body::about(proven)
            };
            body.respond(StatusCode::OK)
        }
        _ => Err(JourneyFault::LoginRequired.into()),
    }
}

/// Takes the person's answer. As on the page, it counts only from the user who was shown it,
/// and to allow, only for the client as it was shown.
pub async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let Posted {
        form,
        page,
        interaction,
        exchange,
    } = posted::posted(provider, incoming).await?;
    let (Destination::Device(proven), Page::Device { shown_to, client }) =
        (&interaction.destination, page)
    else {
        return Err(DeviceFault::DecisionMissing.into());
    };
    match form.get(field::DECISION) {
        Some(decision::DENY) => {
            answering::deny(provider, proven, &shown_to).await?;
            let body = Body {
                error: Some(ErrorCode::AccessDenied.as_str()),
                error_description: Some("The user denied the request."),
                ..Body::about(proven)
            };
            body.respond(StatusCode::OK)
        }
        Some(decision::ALLOW) => {
            let session = provider.current_session(&exchange).await?;
            if let Some(cause) = approval::refusal(session.as_ref(), &shown_to, proven, &client) {
                return Err(cause.into());
            }
            match next(provider, &interaction, session.as_ref(), Decision::Allowed) {
                Next::ApproveDevice(proven, user) => {
                    answering::approve(provider, proven, user.session()).await?;
                    let body = Body {
                        scope_authorization_needed: Some(false),
                        ..Body::about(proven)
                    };
                    body.respond(StatusCode::OK)
                }
                _ => Err(JourneyFault::LoginRequired.into()),
            }
        }
        _ => Err(DeviceFault::DecisionMissing.into()),
    }
}

fn next<'a>(
    provider: &'a Provider,
    interaction: &'a Interaction,
    session: Option<&'a BrowserSession>,
    decision: Decision,
) -> Next<'a> {
    what_next(&State {
        interaction,
        session,
        consent: None,
        decision,
        subjects: &provider.subjects,
        now: provider.now(),
    })
}
