//! Signing keys at rest: published, signing, retired by their successor, revoked, deleted. What an
//! act decides is held by the tests of [`crate::keys::decide_keys`]; here is that it is one act.

use std::sync::Arc;

use super::Whole;
use super::races::{RACERS, count, race};
use super::world::{name, start};
use crate::keys::{ChangeKeys, ChangeKeysOutcome, KeyState, SigningKeyRecord};

const NOTICE: i64 = 360;

fn key(alg: &str, now: i64) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: name("key"),
        thumbprint: name("thumbprint"),
        alg: alg.to_owned(),
        sealed: vec![0, 1, 2, 255],
        created_at: now,
        state: KeyState::Standby,
    }
}

fn in_state(key: &SigningKeyRecord, state: KeyState) -> SigningKeyRecord {
    SigningKeyRecord {
        state,
        ..key.clone()
    }
}

async fn keys(store: &Whole) -> Vec<SigningKeyRecord> {
    store.signing_keys().await.expect("returns")
}

async fn change(store: &Whole, act: &ChangeKeys, now: i64) -> ChangeKeysOutcome {
    let outcome = store.change_signing_keys(act, now).await;
    outcome.expect("returns")
}

fn signs(key: &SigningKeyRecord, from: i64) -> ChangeKeysOutcome {
    let kid = key.kid.clone();
    ChangeKeysOutcome::Signs { kid, from }
}

fn rotation(signing: &SigningKeyRecord, standby: &SigningKeyRecord) -> ChangeKeys {
    ChangeKeys::Rotate {
        alg: signing.alg.clone(),
        signing: Some(signing.kid.clone()),
        successor: None,
        standby: Some(standby.clone()),
        notice_seconds: NOTICE,
    }
}

/// A key that signs and one that is standby.
async fn two_keys(store: &Whole, now: i64) -> [SigningKeyRecord; 2] {
    let two = [key("ES256", now), key("ES256", now)];
    let first = ChangeKeys::First {
        key: two[0].clone(),
    };
    assert_eq!(change(store, &first, now).await, signs(&two[0], now));
    let standby = ChangeKeys::Standby {
        key: two[1].clone(),
    };
    assert_eq!(change(store, &standby, now).await, ChangeKeysOutcome::Added);
    two
}

pub async fn keys_read_back_in_every_state(store: Whole) {
    let now = start();
    let [first, second] = two_keys(&store, now).await;
    let [third, fourth] = [key("ES256", now + 1), key("ES256", now + 3)];
    let other = key("EdDSA", now + 4);
    let outcome = change(&store, &rotation(&first, &third), now + 1).await;
    let from = now + NOTICE;
    assert_eq!(outcome, signs(&second, from));
    let retired = in_state(
        &first,
        KeyState::Retired {
            from: now,
            until: from,
        },
    );
    let signing = in_state(&second, KeyState::Signing { from });
    assert_eq!(
        keys(&store).await,
        [retired.clone(), signing.clone(), third.clone()]
    );
    let revoke = ChangeKeys::Revoke {
        kid: third.kid.clone(),
        fresh: fourth.clone(),
        notice_seconds: NOTICE,
    };
    let outcome = change(&store, &revoke, now + 3).await;
    assert_eq!(outcome, ChangeKeysOutcome::Revoked { successor: None });
    let mut revoked = in_state(&third, KeyState::Revoked { at: now + 3 });
    revoked.sealed.clear();
    let first_of_its_algorithm = store.add_first_signing_key(&other, now + 4).await;
    assert!(first_of_its_algorithm.expect("returns"));
    let other = in_state(&other, KeyState::Signing { from: now + 4 });
    assert_eq!(
        keys(&store).await,
        [retired, signing, revoked, fourth, other],
        "oldest first"
    );
}

pub async fn a_key_is_the_first_of_its_algorithm_once(store: Whole) {
    let now = start();
    let (first, second, other) = (key("ES256", now), key("ES256", now), key("EdDSA", now));
    for (key, expected) in [(&first, true), (&second, false), (&other, true)] {
        let added = store.add_first_signing_key(key, now).await;
        assert_eq!(added.expect("returns"), expected);
    }
    let signing = KeyState::Signing { from: now };
    let expected = [in_state(&first, signing), in_state(&other, signing)];
    assert_eq!(keys(&store).await, expected);
}

pub async fn a_key_that_signs_or_is_to_is_not_deleted(store: Whole) {
    let now = start();
    let [first, second] = two_keys(&store, now).await;
    let delete = async |key: &SigningKeyRecord, now| {
        let kid = key.kid.clone();
        change(&store, &ChangeKeys::Delete { kid }, now).await
    };
    for key in [&first, &second] {
        assert_eq!(delete(key, now).await, ChangeKeysOutcome::InUse);
    }
    let third = key("ES256", now);
    change(&store, &rotation(&first, &third), now).await;
    let from = now + NOTICE;
    assert_eq!(delete(&first, from - 1).await, ChangeKeysOutcome::InUse);
    assert_eq!(delete(&first, from).await, ChangeKeysOutcome::Deleted);
    assert_eq!(delete(&first, from).await, ChangeKeysOutcome::Unknown);
    let left = [in_state(&second, KeyState::Signing { from }), third];
    assert_eq!(keys(&store).await, left);
}

pub async fn an_act_that_is_refused_changes_nothing(store: Whole) {
    let now = start();
    let [first, second] = two_keys(&store, now).await;
    let before = keys(&store).await;
    let fresh = key("ES256", now);
    let rotate =
        |signing: Option<&SigningKeyRecord>, successor: &SigningKeyRecord| ChangeKeys::Rotate {
            alg: "ES256".to_owned(),
            signing: signing.map(|key| key.kid.clone()),
            successor: Some(successor.clone()),
            standby: None,
            notice_seconds: 0,
        };
    let revoke = |kid: &str, fresh: &SigningKeyRecord| ChangeKeys::Revoke {
        kid: kid.to_owned(),
        fresh: fresh.clone(),
        notice_seconds: 0,
    };
    let table = [
        (
            ChangeKeys::First { key: fresh.clone() },
            ChangeKeysOutcome::AlreadyThere,
        ),
        (
            ChangeKeys::Standby { key: fresh.clone() },
            ChangeKeysOutcome::AlreadyThere,
        ),
        (
            rotate(Some(&second), &fresh),
            ChangeKeysOutcome::ChangedMeanwhile,
        ),
        (rotate(None, &second), ChangeKeysOutcome::KidTaken),
        (revoke("unknown", &fresh), ChangeKeysOutcome::Unknown),
        (revoke(&first.kid, &second), ChangeKeysOutcome::KidTaken),
    ];
    for (act, expected) in table {
        assert_eq!(change(&store, &act, now).await, expected, "{act:?}");
        assert_eq!(keys(&store).await, before, "{act:?}");
    }
}

pub async fn a_key_is_resealed_if_it_is_still_what_was_read(store: Whole) {
    let now = start();
    let [first, _] = two_keys(&store, now).await;
    let before = keys(&store).await;
    let reseal = |before: &[u8], sealed: &[u8]| ChangeKeys::Reseal {
        kid: first.kid.clone(),
        before: before.to_vec(),
        sealed: sealed.to_vec(),
    };
    let outcome = change(&store, &reseal(&first.sealed, &[9]), now).await;
    assert_eq!(outcome, ChangeKeysOutcome::Resealed);
    let expected: Vec<SigningKeyRecord> = before
        .iter()
        .map(|key| SigningKeyRecord {
            sealed: match key.kid == first.kid {
                true => vec![9],
                false => key.sealed.clone(),
            },
            ..key.clone()
        })
        .collect();
    assert_eq!(keys(&store).await, expected);
    let outcome = change(&store, &reseal(&first.sealed, &[7]), now).await;
    assert_eq!(outcome, ChangeKeysOutcome::ChangedMeanwhile);
    let unknown = ChangeKeys::Reseal {
        kid: "unknown".to_owned(),
        before: Vec::new(),
        sealed: Vec::new(),
    };
    assert_eq!(
        change(&store, &unknown, now).await,
        ChangeKeysOutcome::Unknown
    );
    assert_eq!(keys(&store).await, expected);
}

pub async fn of_64_first_keys_one_is_the_first(store: Whole) {
    let now = start();
    let outcomes = race(|_| {
        let (store, key) = (Arc::clone(&store), key("ES256", now));
        async move {
            let added = store.add_first_signing_key(&key, now).await;
            added.expect("returns")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |added| *added), 1);
    assert_eq!(keys(&store).await.len(), 1);
}

pub async fn of_64_replicas_that_rotate_at_once_one_does(store: Whole) {
    let now = start();
    let [first, second] = two_keys(&store, now).await;
    let later = now + NOTICE;
    let outcomes = race(|_| {
        let (store, act) = (Arc::clone(&store), rotation(&first, &key("ES256", later)));
        async move { change(&store, &act, later).await }
    })
    .await;
    let rotated = signs(&second, later);
    assert_eq!(count(&outcomes, |outcome| *outcome == rotated), 1);
    let refused = ChangeKeysOutcome::ChangedMeanwhile;
    assert_eq!(count(&outcomes, |outcome| *outcome == refused), RACERS - 1);
    let keys = keys(&store).await;
    assert_eq!(keys.len(), 3, "one new standby");
    assert_eq!(count(&keys, |key| key.signs(later)), 1);
}

pub async fn of_64_keys_that_are_imported_at_once_one_is_the_next(store: Whole) {
    let now = start();
    let [first, standby] = two_keys(&store, now).await;
    let outcomes = race(|_| {
        let store = Arc::clone(&store);
        let act = ChangeKeys::Rotate {
            alg: first.alg.clone(),
            signing: None,
            successor: Some(key("ES256", now)),
            standby: None,
            notice_seconds: NOTICE,
        };
        async move { change(&store, &act, now).await }
    })
    .await;
    let signs = |outcome: &ChangeKeysOutcome| matches!(outcome, ChangeKeysOutcome::Signs { .. });
    assert_eq!(count(&outcomes, signs), 1);
    let keys = keys(&store).await;
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.contains(&standby));
    assert_eq!(count(&keys, |key| key.signs(now)), 1);
    assert_eq!(count(&keys, |key| key.signs(now + NOTICE)), 1);
}
