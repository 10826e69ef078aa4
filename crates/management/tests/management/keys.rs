//! Signing keys (OpenID Connect Core 1.0, section 10.1.1).

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm::{self, ES256, EdDSA};
use countersign_jose::key::SigningKey;
use countersign_jose::seal::{Keyring, SealingKey};
use countersign_management::keys::{
    self, KeyError, KeyPublication, Keys, MissingKey, Phase, missing_keys, overdue_keys,
};
use countersign_store::keys::{KeyState, SigningKeyRecord};

use crate::world::{NOW, World, sealing};

/// Made for these tests: P-256, PKCS#8.
const IMPORTED: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKTi5diW3R2GYQjJ7
/eRkukFhIPtf3lgu5VU6xRYEjnChRANCAASAsbCdnwIoYLVs/gwM554MuPKbZ3W+
MYAadnvLf5n4lqtxWONXMjcxBBQ7MQXAjacUshuYfjjJuSy04G1ThWrf
-----END PRIVATE KEY-----
";

/// With the default of 300 seconds for a copy of the JWK set, and the minute.
const NOTICE: i64 = 360;

fn retired_seconds() -> i64 {
    KeyPublication::default().retired_key_published_seconds
}

async fn ensure(world: &World, algorithms: &[SignatureAlgorithm]) {
    let random = &*world.context.random;
    let made = keys::ensure(&*world.store, &sealing(), random, algorithms, NOW).await;
    made.expect("makes");
}

async fn all(keys: &Keys) -> Vec<SigningKeyRecord> {
    keys.list().await.expect("lists")
}

/// The kids that sign at an instant.
fn signing(keys: &[SigningKeyRecord], now: i64) -> Vec<&str> {
    let signing = keys.iter().filter(|key| key.signs(now));
    signing.map(|key| key.kid.as_str()).collect()
}

fn standbys(keys: &[SigningKeyRecord]) -> Vec<&str> {
    let standby = keys.iter().filter(|key| key.state == KeyState::Standby);
    standby.map(|key| key.kid.as_str()).collect()
}

/// A deployment with an ES256 key that signs, a standby, and their kids.
async fn two_keys() -> (World, String, String) {
    let world = World::new();
    ensure(&world, &[ES256]).await;
    let made = all(&world.keys()).await;
    let (first, standby) = (
        signing(&made, NOW)[0].to_owned(),
        standbys(&made)[0].to_owned(),
    );
    (world, first, standby)
}

#[test]
fn of_each_algorithm_one_key_signs_and_one_is_standby() {
    let key = |alg: &str, state| SigningKeyRecord {
        kid: "a".to_owned(),
        thumbprint: String::new(),
        alg: alg.to_owned(),
        sealed: Vec::new(),
        created_at: 0,
        state,
    };
    let (from, until) = (0, 1);
    let (first, standby) = (MissingKey::First(ES256), MissingKey::Standby(ES256));
    let signing = || key("ES256", KeyState::Signing { from });
    let waiting = || key("ES256", KeyState::Standby);
    let table = [
        (vec![], vec![first, standby]),
        (vec![signing()], vec![standby]),
        (vec![waiting()], vec![first]),
        (vec![signing(), waiting()], vec![]),
        (vec![key("EdDSA", KeyState::Standby)], vec![first, standby]),
        (
            vec![
                key("ES256", KeyState::Retired { from, until }),
                key("ES256", KeyState::Revoked { at: 1 }),
            ],
            vec![first, standby],
        ),
    ];
    for (keys, expected) in table {
        assert_eq!(missing_keys(&keys, &[ES256]), expected, "{keys:?}");
    }
    assert!(missing_keys(&[], &[]).is_empty());
}

#[tokio::test]
async fn what_is_missing_is_made_once_and_the_first_key_signs_at_once() {
    let world = World::new();
    for _ in 0..2 {
        ensure(&world, &[ES256, EdDSA]).await;
        let all = all(&world.keys()).await;
        assert_eq!(all.len(), 4);
        assert_eq!((signing(&all, NOW).len(), standbys(&all).len()), (2, 2));
    }
}

#[tokio::test]
async fn a_key_at_rest_opens_under_its_own_master_key_and_kid_only() {
    let (world, ..) = two_keys().await;
    let made = all(&world.keys()).await.swap_remove(0);
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
    assert!(all(&keys).await.is_empty());
}

#[tokio::test]
async fn one_key_signs_at_any_time_and_none_before_its_notice_is_over() {
    let (world, first, standby) = two_keys().await;
    let keys = world.keys();
    // The standby was made this very second.
    let next = keys
        .rotate(ES256, Some(&first), NOW)
        .await
        .expect("rotates");
    assert_eq!(next.kid, standby);
    assert_eq!(keys.life(&next, NOW).phase, Phase::Announced);
    let after = all(&keys).await;
    for seconds in 0..NOTICE {
        assert_eq!(
            signing(&after, NOW + seconds),
            [first.as_str()],
            "{seconds}"
        );
    }
    assert_eq!(signing(&after, NOW + NOTICE), [standby.as_str()]);
    assert_eq!(standbys(&after).len(), 1, "the next one is there already");
    let end = NOW + NOTICE + retired_seconds();
    let is_published = |now| after[0].is_published(retired_seconds(), now);
    assert!(is_published(end - 1) && !is_published(end));

    let again = keys.rotate(ES256, Some(&first), NOW + 1).await;
    assert!(matches!(
        again,
        Err(KeyError::RotationPending { alg, kid, from })
            if alg == "ES256" && kid == standby && from == NOW + NOTICE
    ));
    // A standby that was published for long enough signs at once.
    let later = NOW + 10 * NOTICE;
    let third = keys.rotate(ES256, Some(&standby), later).await;
    let third = third.expect("rotates").kid;
    assert_eq!(signing(&all(&keys).await, later), [third.as_str()]);
}

#[tokio::test]
async fn of_64_rotations_at_once_one_rotates() {
    // Whether the standby signs after its notice, or at once.
    for later in [NOW, NOW + NOTICE] {
        let (world, first, _) = two_keys().await;
        let keys = Arc::new(world.keys());
        let racers: Vec<_> = (0..64)
            .map(|_| {
                let (keys, first) = (Arc::clone(&keys), first.clone());
                tokio::spawn(async move { keys.rotate(ES256, Some(&first), later).await })
            })
            .collect();
        let mut rotated = 0;
        for racer in racers {
            match racer.await.expect("ends") {
                Ok(_) => rotated += 1,
                Err(KeyError::RotationPending { .. } | KeyError::ChangedMeanwhile(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(rotated, 1);
        let all = all(&keys).await;
        assert_eq!((all.len(), standbys(&all).len()), (3, 1));
    }
}

#[tokio::test]
async fn an_imported_key_signs_after_its_notice_and_is_imported_once() {
    let (world, first, standby) = two_keys().await;
    let keys = world.keys();
    let now = NOW + 10_000;
    let imported = keys
        .import(IMPORTED, None, None, now)
        .await
        .expect("imports");
    let after = all(&keys).await;
    assert_eq!(signing(&after, now + NOTICE - 1), [first.as_str()]);
    assert_eq!(signing(&after, now + NOTICE), [imported.kid.as_str()]);
    assert_eq!(standbys(&after), [standby.as_str()], "the standby stays");
    let opened = keys::open(&imported, &sealing()).expect("is sealed like any other");
    let same = SigningKey::from_pem(ES256, IMPORTED).expect("a key");
    assert_eq!(opened.kid(), same.kid());
    for later in [now, now + NOTICE, now + 10_000] {
        let again = keys.import(IMPORTED, None, None, later).await;
        assert!(matches!(again, Err(KeyError::Present(_))), "{again:?}");
    }
}

#[tokio::test]
async fn an_imported_key_that_is_the_first_signs_at_once_and_has_a_standby() {
    let world = World::new();
    let keys = world.keys();
    let imported = keys
        .import(IMPORTED, None, None, NOW)
        .await
        .expect("imports");
    let after = all(&keys).await;
    assert_eq!(signing(&after, NOW), [imported.kid.as_str()]);
    assert_eq!(standbys(&after).len(), 1);
    assert!(missing_keys(&after, &[ES256]).is_empty());
}

#[tokio::test]
async fn a_compromised_key_is_out_of_use_at_once_and_the_standby_signs() {
    let (world, first, standby) = two_keys().await;
    let keys = world.keys();
    let successor = keys.revoke(&first, NOW + 1).await.expect("revokes");
    assert_eq!(successor.expect("another signs").kid, standby);
    let after = all(&keys).await;
    assert_eq!(signing(&after, NOW + 1), [standby.as_str()]);
    let revoked = after.iter().find(|key| key.kid == first).expect("is kept");
    assert!(!revoked.is_published(i64::MAX, NOW + 1));
    assert!(
        revoked.sealed.is_empty(),
        "nothing can sign with it any more"
    );
    assert!(missing_keys(&after, &[ES256]).is_empty(), "a new standby");
    let again = keys.revoke(&first, NOW + 2).await.expect("is revoked");
    assert!(again.is_none());
    let unknown = keys.revoke("unknown", NOW).await;
    assert!(matches!(unknown, Err(KeyError::Unknown(kid)) if kid == "unknown"));
}

#[tokio::test]
async fn a_key_is_deleted_only_once_it_is_not_published_any_more() {
    let (world, first, standby) = two_keys().await;
    let keys = world.keys();
    let is_kept = async |kid: &str, now| {
        let deleted = keys.delete(kid, now).await;
        matches!(deleted, Err(KeyError::Published(known)) if known == kid)
    };
    assert!(is_kept(&first, NOW).await && is_kept(&standby, NOW).await);
    keys.rotate(ES256, Some(&first), NOW)
        .await
        .expect("rotates");
    let gone = NOW + NOTICE + retired_seconds();
    assert!(is_kept(&first, gone - 1).await);
    keys.delete(&first, gone).await.expect("deletes");
    assert!(matches!(
        keys.delete(&first, gone).await,
        Err(KeyError::Unknown(_))
    ));
    keys.revoke(&standby, NOW + 1).await.expect("revokes");
    keys.delete(&standby, NOW + 1).await.expect("deletes");
}

/// A key signs for 90 days by default; then the standby takes over, whichever replica sees it.
#[tokio::test]
async fn a_key_that_has_signed_for_long_enough_is_rotated_once() {
    let (world, first, standby) = two_keys().await;
    let keys = world.keys();
    let due = NOW + KeyPublication::default().rotate_after_seconds;
    let rotated = keys.rotate_overdue(&[ES256], due - 1).await;
    rotated.expect("nothing to do");
    assert_eq!(signing(&all(&keys).await, due - 1), [first.as_str()]);

    let overdue = || keys.rotate_overdue(&[ES256], due);
    let (one, two, three) = tokio::join!(overdue(), overdue(), overdue());
    for rotated in [one, two, three] {
        rotated.expect("one of them rotates");
    }
    let after = all(&keys).await;
    assert_eq!(after.len(), 3, "one more standby, and no more");
    assert_eq!(
        signing(&after, due),
        [standby.as_str()],
        "it was published for long enough"
    );
    let first = after
        .iter()
        .find(|key| key.kid == first)
        .expect("it is there");
    assert!(first.is_published(retired_seconds(), due));
    keys.rotate_overdue(&[ES256], due + 1)
        .await
        .expect("nothing to do");
    assert_eq!(all(&keys).await.len(), 3);
}

#[test]
fn without_an_age_no_key_is_overdue() {
    let key = SigningKeyRecord {
        kid: "a".to_owned(),
        thumbprint: String::new(),
        alg: "ES256".to_owned(),
        sealed: Vec::new(),
        created_at: 0,
        state: KeyState::Signing { from: 0 },
    };
    let keys = [key];
    assert_eq!(overdue_keys(&keys, &[ES256], 0, i64::MAX), []);
    assert_eq!(overdue_keys(&keys, &[EdDSA], 1, i64::MAX), []);
    assert_eq!(overdue_keys(&keys, &[ES256], 10, 9), []);
    assert_eq!(overdue_keys(&keys, &[ES256], 10, 10), [(ES256, &keys[0])]);
}
