//! Writing a device's request (RFC 8628, section 3.1).

use countersign_oauth::scope::Scope;
use countersign_store::device_requests::{NewDeviceRequest, RequestedFrom};
use countersign_store::{GrantId, Token, TokenKind};
use http::header;

use super::user_code::UserCode;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::{Failure, ServerFault};
use crate::exchange::Exchange;

/// What the device is told.
pub struct Created {
    pub device_code: Token,
    pub user_code: UserCode,
    pub expires_in_seconds: i64,
    pub interval_seconds: i64,
}

/// Writes a request for a checked scope.
///
/// # Errors
/// Returns a server fault if the store fails.
pub async fn create(
    provider: &Provider,
    client: &AuthenticatedClient,
    scope: &Scope,
    resources: Vec<String>,
    exchange: &Exchange,
) -> Result<Created, Failure> {
    let now = provider.now();
    let settings = &provider.settings.device;
    let id = GrantId::generate(&*provider.random);
    let device_code = Token::generate(TokenKind::DeviceCode, *id.as_bytes(), &*provider.random);
    let expires_at = now + settings.request_lifetime_seconds;
    for _ in 0..MAX_DRAWS {
        let user_code = UserCode::generate(&*provider.random);
        let request = NewDeviceRequest {
            id,
            client_id: client.client_id.clone(),
            client_epoch: client.epoch,
            scope: scope.to_string(),
            resources: resources.clone(),
            device_code: device_code.hash(),
            user_code: user_code.hash(),
            requested_from: requested_from(exchange),
            interval_seconds: settings.poll_interval_seconds,
            expires_at,
            // The longest time that a form which was created in the last second is valid for.
            keep_until: expires_at + provider.site.settings.interactions.lifetime_seconds,
        };
        if provider.store.create_device_request(&request, now).await? {
            let scope = &request.scope;
            tracing::info!(act = "device_request", grant = %id, scope, "a device made a request");
            return Ok(Created {
                device_code,
                user_code,
                expires_in_seconds: settings.request_lifetime_seconds,
                interval_seconds: settings.poll_interval_seconds,
            });
        }
    }
    let why = format!("each of {MAX_DRAWS} user codes is another request's");
    Err(Failure::from(ServerFault::StoreUnavailable).detail(why))
}

/// Of 25 billion codes, few are in use at any time: two in a row that are taken are a miracle.
const MAX_DRAWS: usize = 8;

fn requested_from(exchange: &Exchange) -> RequestedFrom {
    let user_agent = exchange.header(header::USER_AGENT).map(str::trim);
    RequestedFrom {
        address: exchange.peer.map(|peer| peer.to_canonical().to_string()),
        user_agent: user_agent
            .filter(|text| !text.is_empty())
            .map(|text| text.chars().take(MAX_USER_AGENT_CHARACTERS).collect()),
    }
}

/// Enough to recognise a device by.
const MAX_USER_AGENT_CHARACTERS: usize = 120;
