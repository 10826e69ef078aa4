//! `response_type` and `response_mode`: what the response contains, and how it is returned. They
//! also decide how every later error is returned.

use countersign_oauth::parameters::Parameters;
use countersign_oauth::response_mode::{self, ResponseMode};
use countersign_oauth::response_type::ResponseType;

use super::fault::AuthorizeFault;
use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;
use crate::offered;

/// How the response is returned.
///
/// # Errors
/// Returns an [`AuthorizeFault`] if `response_type` is missing, not supported or not registered for
/// the client, or if `response_mode` is not supported for it.
pub fn response_mode(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
) -> Result<ResponseMode, Failure> {
    let response_type = response_type(provider, client, parameters)?;
    let mode = ResponseMode::choose(parameters.get("response_mode"), response_type);
    Ok(mode.map_err(|_| AuthorizeFault::ResponseModeUnsupported)?)
}

/// How an error in `response_type` or `response_mode` itself is returned.
pub fn response_mode_for_error(parameters: &Parameters) -> ResponseMode {
    response_mode::response_mode_for_error(
        parameters.get("response_mode"),
        parameters.get("response_type"),
        &offered::RESPONSE_MODES,
    )
}

/// What the response contains.
pub(super) fn response_type(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
) -> Result<ResponseType, Failure> {
    let name = parameters
        .get("response_type")
        .ok_or(AuthorizeFault::ResponseTypeMissing)?;
    let response_type = ResponseType::parse(name).ok_or(AuthorizeFault::ResponseTypeUnsupported)?;
    may_use(provider, client, response_type)?;
    Ok(response_type)
}

/// Whether this server offers the type, and the client is registered for it and for its grant types
/// (RFC 7591, section 2.1).
pub(super) fn may_use(
    provider: &Provider,
    client: &Client,
    response_type: ResponseType,
) -> Result<(), AuthorizeFault> {
    if !offered::response_types(&provider.settings).contains(&response_type) {
        return Err(AuthorizeFault::ResponseTypeUnsupported);
    }
    let (settings, metadata) = (&provider.settings, &client.metadata);
    let mut grant_types = response_type.grant_types().iter();
    match metadata.allows_response_type(response_type)
        && grant_types.all(|grant_type| offered::may_use(settings, metadata, *grant_type))
    {
        true => Ok(()),
        false => Err(AuthorizeFault::ResponseTypeNotRegistered),
    }
}
