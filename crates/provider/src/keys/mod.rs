//! Signing keys: made where they are missing, sealed at rest, parsed once, published as a JWK set.
//!
//! The ring is a cached copy. It is confirmed against the store once a second; an older copy is
//! never used, so a key that was added or retired elsewhere takes effect within that second.

mod ring;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::random::Random;
use countersign_jose::seal;
use countersign_store::Store;

use crate::settings::Settings;
use crate::start_error::StartError;

pub use ring::KeyRing;

/// Makes the first key of every offered algorithm that has none.
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
