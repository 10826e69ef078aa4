//! One database is one issuer, sealed under one master key: written down at the first start,
//! and checked at every other.

use countersign_jose::random::Random;
use countersign_jose::{base64url, seal};
use countersign_oauth::issuer::Issuer;
use countersign_store::StoreError;
use countersign_store::instance::{Instance, Instances};
use zeroize::Zeroizing;

/// The instance of the store; a store without one becomes this issuer's.
///
/// # Errors
/// Returns an [`InstanceError`].
pub async fn adopt(
    store: &dyn Instances,
    issuer: &Issuer,
    sealing: &seal::Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<Instance, InstanceError> {
    let mut id = [0; 6];
    random.fill(&mut id);
    // Part of cookie names, where `-` and `_` are fine but would read badly.
    let id = base64url::encode(id).replace(['-', '_'], "0");
    let proposed = Instance {
        id,
        issuer: issuer.as_str().to_owned(),
        key_check: sealing.seal(random, &key_check_place(), KEY_CHECK),
        pairwise_key: new_pairwise_key(sealing, random),
        created_at: now,
    };
    let instance = store.adopt_instance(&proposed).await?;
    check(&instance, issuer, sealing)?;
    Ok(instance)
}

/// Sees that an instance is that issuer's and was sealed under that master key.
///
/// # Errors
/// Returns [`InstanceError::OtherMasterKey`] or [`InstanceError::OtherIssuer`].
pub fn check(
    instance: &Instance,
    issuer: &Issuer,
    sealing: &seal::Keyring,
) -> Result<(), InstanceError> {
    if sealing
        .open(&key_check_place(), &instance.key_check)
        .is_err()
    {
        return Err(InstanceError::OtherMasterKey);
    }
    if instance.issuer != issuer.as_str() {
        return Err(InstanceError::OtherIssuer {
            found: instance.issuer.clone(),
            wanted: issuer.as_str().to_owned(),
        });
    }
    Ok(())
}

/// The secret of an instance that pairwise subjects are derived with.
///
/// # Errors
/// Returns [`InstanceError::OtherMasterKey`].
pub fn pairwise_key(
    instance: &Instance,
    sealing: &seal::Keyring,
) -> Result<Zeroizing<Vec<u8>>, InstanceError> {
    sealing
        .open(&pairwise_key_place(), &instance.pairwise_key)
        .map_err(|_| InstanceError::OtherMasterKey)
}

fn new_pairwise_key(sealing: &seal::Keyring, random: &dyn Random) -> Vec<u8> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(&mut *key);
    sealing.seal(random, &pairwise_key_place(), &*key)
}

/// Reseals the secrets of the instance under the newest key.
///
/// # Errors
/// Returns [`InstanceError::OtherMasterKey`] if it does not open, or [`InstanceError::Store`].
pub async fn reseal(
    store: &dyn Instances,
    sealing: &seal::Keyring,
    random: &dyn Random,
) -> Result<(), InstanceError> {
    let Some(before) = store.instance().await? else {
        return Ok(());
    };
    let outdated = |sealed: &[u8]| sealing.is_outdated(sealed);
    if !outdated(&before.key_check) && !outdated(&before.pairwise_key) {
        return Ok(());
    }
    let open = |place: &_, sealed: &[u8]| {
        let opened = sealing.open(place, sealed);
        opened.map_err(|_| InstanceError::OtherMasterKey)
    };
    let (check, pairwise) = (key_check_place(), pairwise_key_place());
    let after = Instance {
        key_check: sealing.seal(random, &check, &open(&check, &before.key_check)?),
        pairwise_key: sealing.seal(random, &pairwise, &open(&pairwise, &before.pairwise_key)?),
        ..before.clone()
    };
    // If another process was first, its texts are sealed anew as well.
    store.replace_sealed(&before, &after).await?;
    Ok(())
}

/// Why a database is not this issuer's.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One database is one issuer (its tokens and its accounts name it).
    #[error("the database belongs to the issuer {found}, not to {wanted}")]
    OtherIssuer { found: String, wanted: String },
    /// The master key opens nothing that is sealed in this database.
    #[error("the master key is not the one that this database was sealed with")]
    OtherMasterKey,
}

/// A known text: whether it opens tells a wrong key before that does harm.
const KEY_CHECK: &[u8] = b"countersign";

fn key_check_place() -> Vec<u8> {
    seal::associated_data("instance", "1", "key_check")
}

fn pairwise_key_place() -> Vec<u8> {
    seal::associated_data("instance", "1", "pairwise_key")
}
