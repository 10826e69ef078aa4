//! One database is one issuer, sealed under one master key: written down at the first start, and checked ever after.

use countersign_jose::random::Random;
use countersign_jose::{base64url, seal};
use countersign_oauth::issuer::Issuer;
use countersign_store::Store;
use countersign_store::instance::Instance;

use crate::StartError;

/// The instance of the store; a store without one becomes this issuer's.
pub(crate) async fn adopt(
    store: &dyn Store,
    issuer: &Issuer,
    sealing: &seal::Keyring,
    random: &dyn Random,
    now: i64,
) -> Result<Instance, StartError> {
    let mut id = [0; 6];
    random.fill(&mut id);
    // Part of cookie names, where `-` and `_` are fine but would read badly.
    let id = base64url::encode(id).replace(['-', '_'], "0");
    let proposed = Instance {
        id,
        issuer: issuer.as_str().to_owned(),
        key_check: sealing.seal(random, &key_check_place(), KEY_CHECK),
        created_at: now,
    };
    let instance = store.adopt_instance(&proposed).await?;
    check(&instance, issuer, sealing)?;
    Ok(instance)
}

/// Sees that an instance is that issuer's and was sealed under that master key.
///
/// # Errors
/// [`StartError::OtherMasterKey`], [`StartError::OtherIssuer`].
pub fn check(
    instance: &Instance,
    issuer: &Issuer,
    sealing: &seal::Keyring,
) -> Result<(), StartError> {
    if sealing
        .open(&key_check_place(), &instance.key_check)
        .is_err()
    {
        return Err(StartError::OtherMasterKey);
    }
    if instance.issuer != issuer.as_str() {
        return Err(StartError::OtherIssuer {
            found: instance.issuer.clone(),
            wanted: issuer.as_str().to_owned(),
        });
    }
    Ok(())
}

/// A known text: whether it opens tells a wrong key before that does harm.
const KEY_CHECK: &[u8] = b"countersign";

fn key_check_place() -> Vec<u8> {
    seal::associated_data("instance", "1", "key_check")
}
