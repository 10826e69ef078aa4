//! `id_token_hint`: one of our ID tokens, sent back to say who is meant (OpenID Connect Core,
//! section 3.1.2.1; RP-Initiated Logout, section 2). It may have expired.

use countersign_oauth::id_token::{IdTokenFault, IdTokenHint, verify_id_token_hint};
use countersign_oauth::parameters::Parameters;

use crate::Provider;
use crate::error::Failure;
use crate::subjects::NamedSubject;

/// The hint of a request, if it has one: verified, or the reason why it is not one of our ID
/// tokens.
///
/// # Errors
///
/// Returns a [`Failure`] if the keys could not be loaded.
pub async fn read(
    provider: &Provider,
    parameters: &Parameters,
) -> Result<Option<Result<IdTokenHint, IdTokenFault>>, Failure> {
    let Some(id_token_hint) = parameters.get("id_token_hint") else {
        return Ok(None);
    };
    let ring = provider.keys.ring().await?;
    let algorithms = &provider.settings.keys.signing_algorithms();
    let issuer = provider.issuer.as_str();
    Ok(Some(verify_id_token_hint(
        id_token_hint,
        &*ring,
        algorithms,
        issuer,
    )))
}

/// The user whom a hint identifies, by the `sub` that the client it was issued to got.
///
/// # Errors
///
/// Returns a [`Failure`] if the store could not be read.
pub async fn subject(provider: &Provider, hint: &IdTokenHint) -> Result<NamedSubject, Failure> {
    let client = match hint.client_id() {
        Some(client_id) => provider.clients.find(&*provider.store, client_id).await?,
        None => None,
    };
    Ok(NamedSubject::told_to(client.as_deref(), hint.subject()))
}
