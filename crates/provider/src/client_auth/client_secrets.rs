//! The comparison of a presented secret with those that a client has.

use countersign_store::SecretHash;
use countersign_store::clients::{KeptSecret, MAX_CLIENT_SECRETS};

use crate::Provider;
use crate::clients::Client;
use crate::error::Failure;

/// Whether `presented` is one of the client's secrets. The work is the same whichever it is, how
/// many there are, and whether there is such a client: as many hashes are compared as a client can
/// have secrets, each in constant time.
pub(super) fn matches(
    provider: &Provider,
    client: Option<&Client>,
    presented: &str,
) -> Result<bool, Failure> {
    let now = provider.now();
    let presented_hash = SecretHash::of(presented.as_bytes());
    let mut matches = false;
    for place in 0..MAX_CLIENT_SECRETS {
        let secret = client.and_then(|client| client.secrets.get(place));
        let (hash, is_usable) = match (client, secret) {
            (Some(client), Some(secret)) => {
                let hash = hash_of(provider, client, &secret.kept)?;
                (hash, !secret.is_expired(now))
            }
            _ => (SecretHash::from_bytes([0; 32]), false),
        };
        matches |= presented_hash.matches(&hash) & is_usable;
    }
    Ok(matches && !presented.is_empty())
}

fn hash_of(provider: &Provider, client: &Client, kept: &KeptSecret) -> Result<SecretHash, Failure> {
    match kept {
        KeptSecret::Hashed(hash) => Ok(*hash),
        KeptSecret::Sealed(sealed) => {
            let secret = client.open_secret(sealed, &provider.sealing)?;
            Ok(SecretHash::of(&secret))
        }
    }
}
