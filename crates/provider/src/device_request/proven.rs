//! A request that can still be answered, with its client as it is now. The operator may have
//! changed the client since the device asked, or while the page was open.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::prompt::Prompt;
use countersign_oauth::scope::Scope;
use countersign_store::device_requests::{Answer, DeviceRequest};

use super::fault::DeviceFault;
use crate::authorization_request::request;
use crate::clients::Client;
use crate::demand::Demand;
use crate::error::{Failure, ServerFault};
use crate::log;
use crate::{Provider, offered};

/// A request whose client may make it. Created only by [`prove`].
#[derive(Debug, Clone)]
pub struct ProvenDeviceRequest {
    request: DeviceRequest,
    client: Client,
    scope: Scope,
    demand: Demand,
}

impl ProvenDeviceRequest {
    pub fn request(&self) -> &DeviceRequest {
        &self.request
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What of the requested scope the client may have now.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A recent sign-in: a session that was left open is not enough to connect a device to.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// Whether no one has answered it yet.
    pub fn is_pending(&self) -> bool {
        self.request.answer == Answer::Pending
    }
}

/// Proves a request as it was found. One that was answered is proven too, so that an answer which
/// was sent twice is recognised.
///
/// # Errors
/// Returns a [`DeviceFault`] if there is no such request, if it waited for an answer for too long,
/// or if its client may no longer make it; or a server fault if the store fails.
pub async fn prove(
    provider: &Provider,
    found: Option<DeviceRequest>,
) -> Result<ProvenDeviceRequest, Failure> {
    let request = found.ok_or(DeviceFault::RequestUnknown)?;
    if request.answer == Answer::Pending && provider.now() >= request.expires_at {
        return Err(DeviceFault::RequestExpired.into());
    }
    let client = provider
        .clients
        .find(&*provider.store, &request.client_id)
        .await?;
    let client = client
        .filter(|client| client.epoch == request.client_epoch)
        .filter(|client| {
            offered::may_use(&provider.settings, &client.metadata, GrantType::DeviceCode)
        })
        .ok_or(DeviceFault::RequestUnknown)?;
    log::name_client(&client.client_id);
    let requested = Scope::parse(&request.scope).map_err(|fault| {
        let detail = format!("scope of device request {}: {fault}", request.id);
        Failure::from(ServerFault::RecordCorrupt).detail(detail)
    })?;
    let declared = provider.declared_resources().await?;
    let scope = request::grantable(provider, &client, &declared, &requested, &request.resources)
        .map_err(|_| DeviceFault::RequestUnknown)?;
    Ok(ProvenDeviceRequest {
        request,
        client,
        scope,
        demand: Demand {
            prompt: Prompt::default(),
            max_age: Some(provider.settings.device.sign_in_max_age_seconds.into()),
            login_hint: None,
            hinted_sub: None,
            acr: None,
            ui_locales: None,
        },
    })
}
