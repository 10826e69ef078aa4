//! `none`: a public client says who it is; PKCE and rotation protect it (RFC 6749, section 3.2.1).

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::parameters::Parameters;

use super::Presented;
use super::fault::ClientAuthFault;
use crate::error::Failure;

pub(super) fn read(form: &Parameters) -> Result<Presented, Failure> {
    let client_id = form.get("client_id").ok_or(ClientAuthFault::Missing)?;
    let client_id = client_id.to_owned();
    Ok(Presented {
        client_id,
        method: ClientAuthMethod::None,
        secret: None,
    })
}
