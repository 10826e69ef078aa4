//! Signing keys: made where they are missing, sealed at rest, parsed once, published as a JWK set.
//! What an operator may do to them is in `management`'s `keys`.
//!
//! The ring is a cached copy. It is confirmed against the store once a second; an older copy is
//! never used, so a key that was added or revoked elsewhere takes effect within that second. The
//! clock decides which key signs, so all replicas switch at the same instant.

mod ring;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::Random;
use countersign_jose::seal;
use countersign_store::Store;

use crate::settings::Settings;
use crate::start_error::StartError;

pub use ring::{KeyRing, Ring};

/// Makes the key that signs, and the standby, of every offered algorithm that lacks one.
pub(crate) async fn ensure(
    store: &dyn Store,
    sealing: &seal::Keyring,
    random: &dyn Random,
    settings: &Settings,
    now: i64,
) -> Result<(), StartError> {
    let algorithms = offered(settings);
    Ok(countersign_management::keys::ensure(store, sealing, random, &algorithms, now).await?)
}

/// ID token algorithms and the access tokens'.
pub(crate) fn offered(settings: &Settings) -> Vec<SignatureAlgorithm> {
    let mut algorithms = settings.keys.signing_algorithms();
    let of_access_tokens = settings.keys.access_token_algorithm.into();
    if !algorithms.contains(&of_access_tokens) {
        algorithms.push(of_access_tokens);
    }
    algorithms
}
