//! `id_token_hint`: an ID token of ours that comes back to say who is meant (OIDC Core 3.1.2.1,
//! RP-Initiated Logout 2). It may have expired.

use countersign_oauth::id_token::{IdTokenHint, verify_id_token_hint};
use countersign_oauth::parameters::Parameters;

use crate::Provider;
use crate::error::Failure;

/// The hint of a request, verified; `invalid` where it is none of ours.
pub async fn read(
    provider: &Provider,
    parameters: &Parameters,
    invalid: impl Into<Failure>,
) -> Result<Option<IdTokenHint>, Failure> {
    let Some(id_token_hint) = parameters.get("id_token_hint") else {
        return Ok(None);
    };
    let ring = provider.keys.ring().await?;
    let algorithms = &provider.settings.signing_algorithms;
    verify_id_token_hint(id_token_hint, &*ring, algorithms, provider.issuer.as_str())
        .map(Some)
        .map_err(|fault| invalid.into().detail(fault.to_string()))
}
