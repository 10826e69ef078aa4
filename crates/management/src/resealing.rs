//! Reseals what is in the store under the newest key, after the master key was rotated.
//!
//! The sealed values are the signing keys, the client secrets that serve as MAC keys, and the text
//! that detects a wrong master key ([`Instance`](countersign_store::instance::Instance)). The
//! caller reseals that text last: until then, a server does not start without the older key. Each
//! act replaces only the value that was read, so resealing may be interrupted, repeated, and run
//! while servers run.

use countersign_jose::seal::Keyring;
use countersign_store::StoreError;
use countersign_store::clients::{Client, KeptSecret, UpdateClientOutcome};
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome};

use crate::Context;
use crate::act::Target;
use crate::clients::{open_secret, seal_secret};
use crate::keys;

/// How often a record is tried again that others change at the same time.
const MAX_TRIES: usize = 16;

/// How many clients are read at once.
const PAGE: u32 = 256;

/// How many values were resealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    pub signing_keys: usize,
    pub client_secrets: usize,
}

/// Why a value could not be resealed. The values before it were.
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

/// Reseals under the newest key of `sealing` everything that is sealed under an older one. `now` is
/// Unix seconds.
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
        // A revoked key has no private key any more.
        if record.sealed.is_empty() || !sealing.is_outdated(&record.sealed) {
            continue;
        }
        let sealed = keys::reseal(&record, sealing, &*context.random)?;
        let act = ChangeKeys::Reseal {
            kid: record.kid,
            before: record.sealed,
            sealed,
        };
        // Otherwise it was resealed, revoked or deleted in the meantime.
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
