//! Signing keys at rest: added, retired by their successor, deleted (RFC 7517).

use std::sync::Arc;

use super::Whole;
use super::races::{count, race};
use super::world::{name, start};
use crate::keys::SigningKeyRecord;

fn key(alg: &str, now: i64) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: name("key"),
        alg: alg.to_owned(),
        sealed: vec![0, 1, 2, 255],
        created_at: now,
        retired_at: None,
    }
}

async fn keys(store: &Whole) -> Vec<SigningKeyRecord> {
    store.signing_keys().await.expect("answers")
}

pub async fn a_new_key_retires_those_of_its_algorithm(store: Whole) {
    let now = start();
    let (first, other, second) = (key("ES256", now), key("EdDSA", now), key("ES256", now + 1));
    for key in [&first, &other] {
        let added = store.add_signing_key(key, false, now).await;
        assert!(added.expect("answers"));
    }
    let added = store.add_signing_key(&second, true, now + 1).await;
    assert!(added.expect("answers"));
    let mut retired = first.clone();
    retired.retired_at = Some(now + 1);
    let expected = [retired, other, second.clone()];
    assert_eq!(keys(&store).await, expected, "oldest first");
    let again = store.add_signing_key(&second, true, now + 2).await;
    assert!(!again.expect("answers"), "the kid is taken");
    assert_eq!(keys(&store).await, expected, "and nothing was retired");
}

pub async fn a_key_is_the_first_of_its_algorithm_once(store: Whole) {
    let now = start();
    let (first, second, other) = (key("ES256", now), key("ES256", now), key("EdDSA", now));
    for (key, expected) in [(&first, true), (&second, false), (&other, true)] {
        let added = store.add_first_signing_key(key, now).await;
        assert_eq!(added.expect("answers"), expected);
    }
    assert_eq!(keys(&store).await, [first, other]);
}

pub async fn a_key_that_signs_is_not_deleted(store: Whole) {
    let now = start();
    let (first, second) = (key("ES256", now), key("ES256", now + 1));
    let added = store.add_signing_key(&first, false, now).await;
    assert!(added.expect("answers"));
    let delete = async |kid: &str| {
        let deleted = store.delete_signing_key(kid, now + 2).await;
        deleted.expect("answers")
    };
    assert!(!delete(&first.kid).await);
    let added = store.add_signing_key(&second, true, now + 1).await;
    assert!(added.expect("answers"));
    assert!(delete(&first.kid).await);
    assert!(!delete(&first.kid).await);
    assert!(!delete("unknown").await);
    assert_eq!(keys(&store).await, [second]);
}

pub async fn of_64_first_keys_one_is_the_first(store: Whole) {
    let now = start();
    let outcomes = race(|_| {
        let (store, key) = (Arc::clone(&store), key("ES256", now));
        async move {
            let added = store.add_first_signing_key(&key, now).await;
            added.expect("answers")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |added| *added), 1);
    assert_eq!(keys(&store).await.len(), 1);
}

pub async fn after_64_rotations_at_once_one_key_signs(store: Whole) {
    let now = start();
    let outcomes = race(|_| {
        let (store, key) = (Arc::clone(&store), key("ES256", now));
        async move {
            let added = store.add_signing_key(&key, true, now).await;
            added.expect("answers")
        }
    })
    .await;
    assert!(outcomes.iter().all(|added| *added));
    let signing = keys(&store).await;
    let signing = count(&signing, |key| key.retired_at.is_none());
    assert_eq!(signing, 1);
}
