//! Signing keys: made where they are missing, sealed at rest, parsed once, published as a JWK set.
//!
//! The ring is a cached copy. It is confirmed against the store once a second; an older copy is
//! never used, so a key that was added or retired elsewhere takes effect within that second.

mod ring;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_jose::random::Random;
use countersign_jose::seal;
use countersign_store::Store;
use countersign_store::keys::{KeyState, SigningKeyRecord};

use crate::settings::Settings;
use crate::start_error::StartError;

pub use ring::{KeyRing, Ring};

/// Makes the first key of every offered algorithm that has none. Two processes that start together
/// end with one key each.
pub async fn ensure(
    store: &dyn Store,
    sealing: &seal::Keyring,
    random: &dyn Random,
    settings: &Settings,
    now: i64,
) -> Result<(), StartError> {
    let existing = store.signing_keys().await?;
    for algorithm in offered(settings) {
        let has_one = existing
            .iter()
            .any(|key| key.alg == algorithm.as_str() && key.signs(now));
        if !has_one {
            let record = generate(algorithm, sealing, random, now)?;
            store.add_first_signing_key(&record, now).await?;
        }
    }
    Ok(())
}

/// A new key as it is kept.
pub fn generate(
    algorithm: SignatureAlgorithm,
    sealing: &seal::Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<SigningKeyRecord, StartError> {
    let key =
        SigningKey::generate(algorithm).map_err(|error| StartError::Key(error.to_string()))?;
    record(&key, sealing, random, now)
}

/// A key as it is kept: PKCS#8 under the master key, bound to its row.
pub fn record(
    key: &SigningKey,
    sealing: &seal::Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<SigningKeyRecord, StartError> {
    let kid = key
        .kid()
        .ok_or_else(|| StartError::Key("the key has no kid".to_owned()))?;
    let pkcs8 = key
        .to_pkcs8_der()
        .map_err(|error| StartError::Key(error.to_string()))?;
    let sealed = sealing.seal(random, &associated_data(kid), &pkcs8);
    Ok(SigningKeyRecord {
        kid: kid.to_owned(),
        alg: key.alg().as_str().to_owned(),
        sealed,
        created_at: now,
        state: KeyState::Standby,
    })
}

fn open(record: &SigningKeyRecord, sealing: &seal::Keyring) -> Result<SigningKey, StartError> {
    let fail = |why: String| StartError::Key(format!("{}: {why}", record.kid));
    let algorithm: SignatureAlgorithm = record
        .alg
        .parse()
        .map_err(|_| fail(format!("{} is not an algorithm", record.alg)))?;
    let pkcs8 = sealing
        .open(&associated_data(&record.kid), &record.sealed)
        .map_err(|error| fail(error.to_string()))?;
    SigningKey::from_pkcs8_der(algorithm, &pkcs8)
        .and_then(|key| key.with_kid(&record.kid))
        .map_err(|error| fail(error.to_string()))
}

fn associated_data(kid: &str) -> Vec<u8> {
    seal::associated_data("signing_keys", kid, "sealed")
}

/// ID token algorithms and the access tokens'.
fn offered(settings: &Settings) -> Vec<SignatureAlgorithm> {
    let mut algorithms = settings.signing_algorithms.clone();
    if !algorithms.contains(&settings.access_token_algorithm) {
        algorithms.push(settings.access_token_algorithm);
    }
    algorithms
}
