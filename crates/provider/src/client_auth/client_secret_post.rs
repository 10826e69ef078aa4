//! `client_secret_post`: both in the form (RFC 6749, section 2.3.1).

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;
use zeroize::Zeroizing;

use super::fault::ClientAuthFault;
use super::{Credential, Presented};
use crate::error::Failure;

pub(super) fn read(form: &Parameters) -> Result<Presented<'static>, Failure> {
    let client_id = form.get("client_id").ok_or(ClientAuthFault::Missing)?;
    let secret = form.get("client_secret").unwrap_or_default();
    Ok(Presented {
        client_id: client_id.to_owned(),
        credential: Credential::Secret {
            method: ClientAuthMethod::ClientSecretPost,
            secret: Zeroizing::new(secret.to_owned()),
        },
    })
}
