//! `client_secret_basic`: HTTP Basic with form-encoded halves (RFC 6749, section 2.3.1).

use countersign_oauth::basic_auth::BasicCredentials;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;

use super::fault::ClientAuthFault;
use super::{Credential, Presented};
use crate::error::Failure;

pub(super) fn read(authorization: &str, form: &Parameters) -> Result<Presented<'static>, Failure> {
    let credentials = BasicCredentials::parse(authorization).map_err(|fault| {
        Failure::from(ClientAuthFault::HeaderMalformed).detail(fault.to_string())
    })?;
    if form
        .get("client_id")
        .is_some_and(|client_id| client_id != credentials.client_id)
    {
        return Err(ClientAuthFault::ClientIdsDiffer.into());
    }
    Ok(Presented {
        client_id: credentials.client_id,
        credential: Credential::Secret {
            method: ClientAuthMethod::ClientSecretBasic,
            secret: credentials.client_secret,
        },
    })
}
