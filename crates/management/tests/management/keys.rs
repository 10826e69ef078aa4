//! Signing keys.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_management::keys::rotation::NOTICE_SECONDS;
use countersign_management::keys::{self, KeyError};
use countersign_store::keys::SigningKeyRecord;

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

const ES256: [SignatureAlgorithm; 1] = [SignatureAlgorithm::ES256];

/// The kids that sign at an instant.
fn signing(keys: &[SigningKeyRecord], now: i64) -> Vec<&str> {
    let signing = keys.iter().filter(|key| key.signs(now));
    signing.map(|key| key.kid.as_str()).collect()
}

/// OpenID Connect Core 1.0, section 10.1.1: the new key is published before it signs.
#[tokio::test]
async fn one_key_signs_at_any_time_and_none_before_its_notice_is_over() {
    let world = World::new();
    let keys = world.keys();
    keys.make_missing(&ES256, NOW).await.expect("makes");
    let before = keys.list().await.expect("lists");
    assert_eq!(before.len(), 2, "one signs at once, one waits");
    let first = signing(&before, NOW)[0].to_owned();

    // The standby was made this very second.
    let next = keys
        .rotate(SignatureAlgorithm::ES256, NOW + 1)
        .await
        .expect("rotates");
    let after = keys.list().await.expect("lists");
    for seconds in 0..NOTICE_SECONDS {
        assert_eq!(signing(&after, NOW + seconds), [first.as_str()]);
    }
    assert_eq!(signing(&after, NOW + NOTICE_SECONDS), [next.kid.as_str()]);
    assert!(
        after
            .iter()
            .all(|key| key.is_published(0, NOW + NOTICE_SECONDS - 1))
    );
    let again = keys.rotate(SignatureAlgorithm::ES256, NOW + 2).await;
    assert!(matches!(again, Err(KeyError::RotationPending(alg)) if alg == "ES256"));

    // A standby that was published for long enough signs at once.
    let later = NOW + 10 * NOTICE_SECONDS;
    let third = keys
        .rotate(SignatureAlgorithm::ES256, later)
        .await
        .expect("rotates");
    let all = keys.list().await.expect("lists");
    assert_eq!(signing(&all, later), [third.kid.as_str()]);
}

#[tokio::test]
async fn a_compromised_key_is_out_of_use_at_once_and_a_next_one_is_there() {
    let world = World::new();
    let keys = world.keys();
    keys.make_missing(&ES256, NOW).await.expect("makes");
    let before = keys.list().await.expect("lists");
    let first = signing(&before, NOW)[0].to_owned();
    let successor = keys.revoke(&first, NOW + 1).await.expect("revokes");
    let successor = successor.expect("another signs");
    assert!(
        before.iter().any(|key| key.kid == successor.kid),
        "it was published"
    );
    let after = keys.list().await.expect("lists");
    assert_eq!(signing(&after, NOW + 1), [successor.kid.as_str()]);
    let revoked = after.iter().find(|key| key.kid == first).expect("is kept");
    assert!(!revoked.is_published(i64::MAX, NOW + 1));
    assert!(
        revoked.sealed.is_empty(),
        "nothing can sign with it any more"
    );
    assert!(keys::rotation::missing_keys(&after, &ES256).is_empty());
    let unknown = keys.revoke("unknown", NOW).await;
    assert!(matches!(unknown, Err(KeyError::Unknown(kid)) if kid == "unknown"));
}

#[tokio::test]
async fn what_is_there_is_not_made_again() {
    let world = World::new();
    let keys = world.keys();
    let algorithms = [SignatureAlgorithm::ES256, SignatureAlgorithm::EdDSA];
    for _ in 0..2 {
        keys.make_missing(&algorithms, NOW).await.expect("makes");
        assert_eq!(keys.list().await.expect("lists").len(), 4);
    }
}
