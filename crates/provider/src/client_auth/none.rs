//! `none`: a public client says who it is; PKCE and rotation protect it (RFC 6749, section 3.2.1).

use countersign_oauth::parameters::Parameters;

use super::fault::ClientAuthFault;
use super::{Credential, Presented};
use crate::error::Failure;

pub(super) fn read(form: &Parameters) -> Result<Presented<'static>, Failure> {
    let client_id = form.get("client_id").ok_or(ClientAuthFault::Missing)?;
    Ok(Presented {
        client_id: client_id.to_owned(),
        credential: Credential::None,
    })
}
