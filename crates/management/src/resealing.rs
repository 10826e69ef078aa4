//! After the master key was rotated: what is sealed in the store under an older key is sealed under
//! the newest.
//!
//! Sealed there are the signing keys, the client secrets that a MAC needs, and the text that tells
//! a wrong master key ([`Instance`](countersign_store::instance::Instance)), which the caller
//! reseals last: while anything is sealed under the older key, a start without it is refused. Each
//! act replaces what was read only, so that resealing may be interrupted, repeated, and run beside
//! servers.

use countersign_jose::seal::Keyring;
use countersign_store::StoreError;
use countersign_store::clients::{Client, KeptSecret, UpdateClientOutcome};
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome};

use crate::Context;
use crate::act::Target;
use crate::clients::{open_secret, seal_secret};
use crate::keys;

/// How often a record that others change meanwhile is tried again.
const MAX_TRIES: usize = 16;

/// How many clients are read at once.
const PAGE: u32 = 256;

/// How much was sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    pub signing_keys: usize,
    pub client_secrets: usize,
}

/// Why something could not be sealed anew. What came before it was.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    #[error("a secret of the client {client_id:?} could not be unsealed: {reason}")]
    ClientSecret { client_id: String, reason: String },
    #[error("{0} was changed by others again and again")]
    Contended(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Seals under the newest key of `sealing` what is sealed under an older one. `now` is Unix
/// seconds.
///
/// # Errors
/// Returns a [`ResealError`].
pub async fn reseal(
    context: &Context,
    sealing: &Keyring,
    now: i64,
) -> Result<Resealed, ResealError> {
    let result = async {
        Ok(Resealed {
            signing_keys: signing_keys(context, sealing, now).await?,
            client_secrets: client_secrets(context, sealing).await?,
        })
    }
    .await;
    context.log("master_key.reseal", Target::DEPLOYMENT, &result);
    result
}

async fn signing_keys(
    context: &Context,
    sealing: &Keyring,
    now: i64,
) -> Result<usize, ResealError> {
    let mut resealed = 0;
    for record in context.store.signing_keys().await? {
        // The private key of a revoked one is gone.
        if record.sealed.is_empty() || !sealing.is_outdated(&record.sealed) {
            continue;
        }
        let sealed = keys::reseal(&record, sealing, &*context.random)?;
        let act = ChangeKeys::Reseal {
            kid: record.kid,
            before: record.sealed,
            sealed,
        };
        // Otherwise it was resealed, revoked or deleted meanwhile.
        let outcome = context.store.change_signing_keys(&act, now).await?;
        resealed += usize::from(outcome == ChangeKeysOutcome::Resealed);
    }
    Ok(resealed)
}

async fn client_secrets(context: &Context, sealing: &Keyring) -> Result<usize, ResealError> {
    let (mut resealed, mut after) = (0, String::new());
    loop {
        let page = context.store.list_clients(&after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(resealed);
        };
        after.clone_from(&last.client_id);
        for client in page {
            resealed += secrets_of(context, sealing, client).await?;
        }
    }
}

async fn secrets_of(
    context: &Context,
    sealing: &Keyring,
    mut client: Client,
) -> Result<usize, ResealError> {
    for _ in 0..MAX_TRIES {
        let mut secrets = client.secrets.to_vec();
        let mut resealed = 0;
        for secret in &mut secrets {
            let KeptSecret::Sealed(sealed) = &mut secret.kept else {
                continue;
            };
            if !sealing.is_outdated(sealed) {
                continue;
            }
            let client_id = &client.client_id;
            let plain = open_secret(client_id, sealed, sealing).map_err(|error| {
                ResealError::ClientSecret {
                    client_id: client_id.clone(),
                    reason: error.to_string(),
                }
            })?;
            *sealed = seal_secret(client_id, &plain, sealing, &*context.random);
            resealed += 1;
        }
        if resealed == 0 {
            return Ok(0);
        }
        let (id, revision) = (&client.client_id, client.revision);
        let secrets = secrets.into();
        let written = context.store.reseal_client_secrets(id, revision, &secrets);
        match written.await? {
            UpdateClientOutcome::Updated => return Ok(resealed),
            UpdateClientOutcome::Unknown => return Ok(0),
            UpdateClientOutcome::ChangedMeanwhile => match context.store.client(id).await? {
                Some(current) => client = current,
                None => return Ok(0),
            },
        }
    }
    Err(ResealError::Contended(format!(
        "the client {:?}",
        client.client_id
    )))
}
