//! The device authorization endpoint (RFC 8628, sections 3.1 and 3.2): a device without a browser
//! asks for a code that its user types on another.
//!
//! | step | where |
//! |---|---|
//! | read the form, authenticate the client, as at the token endpoint | [`client_auth`] |
//! | the client is registered for the grant type | [`TokenRequest::allow`] |
//! | check the scope, as at the authorization endpoint | [`request::scope`] |
//! | count the request | [`quota`] |
//! | write it | [`creation`] |

use axum::extract::State;
use axum::response::Response;
use countersign_oauth::grant_type::GrantType;
use serde::Serialize;

use crate::authorization_request::request;
use crate::client_auth;
use crate::device_request::creation::{self, Created};
use crate::device_request::fault::DeviceFault;
use crate::device_request::quota;
use crate::error::Failure;
use crate::exchange::Incoming;
use crate::token::TokenRequest;
use crate::{Provider, device, respond};

/// POST /device_authorization
pub async fn endpoint(State(provider): State<Provider>, incoming: Incoming) -> Response {
    let answered = answer(&provider, &incoming).await;
    answered.unwrap_or_else(|failure| provider.error_json(&failure))
}

async fn answer(provider: &Provider, incoming: &Incoming) -> Result<Response, Failure> {
    let exchange = &incoming.exchange;
    let request = TokenRequest::read(provider, incoming).await?;
    let client = client_auth::authenticate(provider, exchange, &request.parameters).await?;
    request.allow(&client, GrantType::DeviceCode)?;
    let declared = provider.declared_resources().await?;
    let resources = match request.resources(&declared)? {
        Some(requested) => requested,
        None => declared.default_of(&client.metadata),
    };
    let scope = request::scope(
        provider,
        &client,
        &declared,
        &request.parameters,
        &resources,
    )?;
    if let Some(seconds) = quota::count(provider, &client, exchange).await? {
        return Err(Failure::from(DeviceFault::RequestsUsedUp).retry_after(seconds));
    }
    let created = creation::create(provider, &client, &scope, resources, exchange).await?;
    respond::json(&DeviceAuthorizationResponse::of(provider, &created))
}

/// RFC 8628, section 3.2.
#[derive(Serialize)]
struct DeviceAuthorizationResponse {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: i64,
    /// Seconds.
    interval: i64,
}

impl DeviceAuthorizationResponse {
    fn of(provider: &Provider, created: &Created) -> DeviceAuthorizationResponse {
        let verification_uri = provider.issuer.endpoint(device::ENDPOINT);
        let user_code = created.user_code.shown();
        DeviceAuthorizationResponse {
            device_code: created.device_code.expose(),
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            user_code,
            verification_uri,
            expires_in: created.expires_in_seconds,
            interval: created.interval_seconds,
        }
    }
}
