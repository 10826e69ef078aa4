//! `client_secret_post`: both in the form (RFC 6749, section 2.3.1).

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;
use zeroize::Zeroizing;

use super::Presented;
use super::fault::ClientAuthFault;
use crate::error::Failure;

pub(super) fn read(form: &Parameters) -> Result<Presented, Failure> {
    let client_id = form.get("client_id").ok_or(ClientAuthFault::Missing)?;
    Ok(Presented {
        client_id: client_id.to_owned(),
        method: ClientAuthMethod::ClientSecretPost,
        secret: form
            .get("client_secret")
            .map(|secret| Zeroizing::new(secret.to_owned())),
    })
}
