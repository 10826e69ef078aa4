//! A signing key at rest: PKCS#8 sealed under the master key, bound to its row.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_jose::random::Random;
use countersign_jose::seal::{self, Keyring};
use countersign_store::keys::{KeyState, SigningKeyRecord};

use super::{KeyError, import};

/// A new key as it is kept. `now` is Unix seconds.
///
/// # Errors
/// Returns [`KeyError::NotMade`].
pub fn generate(
    algorithm: SignatureAlgorithm,
    sealing: &Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<SigningKeyRecord, KeyError> {
    let key =
        SigningKey::generate(algorithm).map_err(|error| KeyError::NotMade(error.to_string()))?;
    record(&key, sealing, random, now)
}

/// A key as it is kept.
///
/// # Errors
/// Returns [`KeyError::NotMade`] if it has no `kid` or can't be written as PKCS#8.
pub fn record(
    key: &SigningKey,
    sealing: &Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<SigningKeyRecord, KeyError> {
    let kid = key
        .kid()
        .ok_or_else(|| KeyError::NotMade("the key has no kid".to_owned()))?;
    let pkcs8 = key
        .to_pkcs8_der()
        .map_err(|error| KeyError::NotMade(error.to_string()))?;
    let sealed = sealing.seal(random, &associated_data(kid), &pkcs8);
    Ok(SigningKeyRecord {
        kid: kid.to_owned(),
        thumbprint: import::thumbprint(key).unwrap_or_default(),
        alg: key.alg().as_str().to_owned(),
        sealed,
        created_at: now,
        state: KeyState::Standby,
    })
}

/// The key of a record.
///
/// # Errors
/// Returns [`KeyError::NotOpened`] if the record is not one of ours or the master key is another.
pub fn open(record: &SigningKeyRecord, sealing: &Keyring) -> Result<SigningKey, KeyError> {
    let fail = |reason: String| KeyError::NotOpened {
        kid: record.kid.clone(),
        reason,
    };
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

/// The sealed value of a record, under the newest key.
pub(crate) fn reseal(
    record: &SigningKeyRecord,
    sealing: &Keyring,
    random: &dyn Random,
) -> Result<Vec<u8>, KeyError> {
    let place = associated_data(&record.kid);
    let opened = sealing.open(&place, &record.sealed);
    let pkcs8 = opened.map_err(|error| KeyError::NotOpened {
        kid: record.kid.clone(),
        reason: error.to_string(),
    })?;
    Ok(sealing.seal(random, &place, &pkcs8))
}

fn associated_data(kid: &str) -> Vec<u8> {
    seal::associated_data("signing_keys", kid, "sealed")
}
