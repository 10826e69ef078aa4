//! Signing keys.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_management::keys::{self, KeyError};

use crate::world::{NOW, World, sealing};

#[tokio::test]
async fn a_missing_key_is_made_once() {
    let world = World::new();
    let algorithms = [SignatureAlgorithm::ES256, SignatureAlgorithm::EdDSA];
    for _ in 0..2 {
        let random = &*world.context.random;
        let made = keys::ensure(&*world.store, &sealing(), random, &algorithms, NOW).await;
        made.expect("makes");
        let all = world.keys().list().await.expect("lists");
        let names: Vec<&str> = all.iter().map(|key| key.alg.as_str()).collect();
        assert_eq!(names, ["ES256", "EdDSA"]);
    }
}

#[tokio::test]
async fn a_key_at_rest_opens_under_its_own_master_key_and_kid_only() {
    let world = World::new();
    let made = world
        .keys()
        .rotate(SignatureAlgorithm::ES256, NOW)
        .await
        .expect("rotates");
    let key = keys::open(&made, &sealing()).expect("opens");
    assert_eq!(key.kid(), Some(made.kid.as_str()));
    let other = Keyring::new(SealingKey::new(1, [8; 32]));
    assert!(matches!(
        keys::open(&made, &other),
        Err(KeyError::NotOpened { .. })
    ));
    let mut renamed = made.clone();
    renamed.kid.push('x');
    assert!(matches!(
        keys::open(&renamed, &sealing()),
        Err(KeyError::NotOpened { .. })
    ));
}

#[tokio::test]
async fn a_file_that_is_no_private_key_is_refused() {
    let world = World::new();
    let keys = world.keys();
    let imported = keys.import("nonsense", None, None, NOW).await;
    assert!(matches!(imported, Err(KeyError::Private(_))));
    assert!(keys.list().await.expect("lists").is_empty());
}
