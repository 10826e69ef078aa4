//! Verifies what a client signed, under its registered keys, its fetched keys, or its secret.

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_signature::ClientVerificationKeys;
use countersign_store::clients::KeptSecret;

use crate::Provider;
use crate::client_keys::ClientKeys;
use crate::clients::Client;
use crate::error::Failure;

/// Why something that a client signed was not accepted.
pub enum NotVerified<F> {
    /// What is wrong with it.
    Fault(F),
    /// The client registered no keys, or they can't be fetched.
    KeysUnavailable(String),
    /// It could not be determined.
    Failed(Failure),
}

/// Verifies what `client` signed with `alg`: a MAC under its current secrets, or a signature under
/// its keys. If none of those keys is the right one, they are fetched again.
///
/// # Errors
/// Returns a [`NotVerified`].
pub async fn verify<T, F>(
    provider: &Provider,
    client: &Client,
    alg: SignatureAlgorithm,
    keys_may_be_stale: impl Fn(&F) -> bool,
    verify: impl Fn(ClientVerificationKeys<'_>) -> Result<T, F>,
) -> Result<T, NotVerified<F>> {
    if alg.is_symmetric() {
        return by_secret(provider, client, verify);
    }
    let verify = |keys: &Arc<ClientKeys>| verify(ClientVerificationKeys::Public(&**keys));
    let now_ms = provider.clock.monotonic_milliseconds();
    let keys = provider.client_keys.of(client, now_ms).await;
    let keys = keys
        .map_err(|reason| NotVerified::KeysUnavailable(reason.to_string()))?
        .ok_or_else(|| NotVerified::KeysUnavailable("it has registered no keys".to_owned()))?;
    let fault = match verify(&keys) {
        Ok(verified) => return Ok(verified),
        Err(fault) => fault,
    };
    if keys_may_be_stale(&fault)
        && let Some(newer) = provider.client_keys.newer_than(&keys, client, now_ms).await
    {
        return verify(&newer).map_err(NotVerified::Fault);
    }
    Err(NotVerified::Fault(fault))
}

fn by_secret<T, F>(
    provider: &Provider,
    client: &Client,
    verify: impl Fn(ClientVerificationKeys<'_>) -> Result<T, F>,
) -> Result<T, NotVerified<F>> {
    let now = provider.now();
    let mut secrets = Vec::new();
    for secret in client
        .secrets
        .iter()
        .filter(|secret| !secret.is_expired(now))
    {
        if let KeptSecret::Sealed(sealed) = &secret.kept {
            let secret = client.open_secret(sealed, &provider.sealing);
            secrets.push(secret.map_err(|error| NotVerified::Failed(error.into()))?);
        }
    }
    let secrets: Vec<&[u8]> = secrets.iter().map(|secret| secret.as_slice()).collect();
    verify(ClientVerificationKeys::Secrets(&secrets)).map_err(NotVerified::Fault)
}
