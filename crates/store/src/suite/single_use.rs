//! What may be used once is used once, and is remembered for long enough.

use std::sync::Arc;

use countersign_jose::base64url;
use countersign_jose::random;

use super::Whole;
use super::races::{RACES, count, race};
use super::world::start;
use crate::COLLECT_AFTER_SECONDS;
use crate::events::OutboxLimits;
use crate::replay::{Use, UseKey};

const PURPOSE: &str = "client_assertion";

fn fresh_key() -> UseKey {
    let jti = base64url::encode(random::bytes::<16>());
    UseKey::new(PURPOSE, "client", &jti)
}

async fn use_once(store: &Whole, key: &UseKey, until: i64, now: i64) -> Use {
    store.use_once(key, until, now).await.expect("returns")
}

async fn collect(store: &Whole, now: i64) -> u64 {
    let limits = OutboxLimits {
        max_events: 1_000_000,
        max_age_seconds: i64::MAX,
    };
    store.collect(&limits, 100, now).await.expect("returns")
}

pub async fn a_value_is_used_once_for_each_purpose_and_party(store: Whole) {
    let (now, jti) = (start(), base64url::encode(random::bytes::<16>()));
    let until = now + 60;
    for (purpose, party) in [(PURPOSE, "one"), (PURPOSE, "another"), ("dpop", "one")] {
        let key = UseKey::new(purpose, party, &jti);
        assert_eq!(use_once(&store, &key, until, now).await, Use::First);
        for again in [now, now + 1, until, until + 1] {
            assert_eq!(
                use_once(&store, &key, again + 60, again).await,
                Use::Repeated
            );
        }
    }
}

pub async fn a_use_is_remembered_an_hour_past_its_end_and_then_collected(store: Whole) {
    let now = start();
    let (until, key) = (now + 60, fresh_key());
    assert_eq!(use_once(&store, &key, until, now).await, Use::First);
    let last = until + COLLECT_AFTER_SECONDS - 1;
    assert_eq!(collect(&store, last).await, 0);
    assert_eq!(use_once(&store, &key, last + 60, last).await, Use::Repeated);
    // A replica whose clock is behind finds it too.
    assert_eq!(use_once(&store, &key, until, now - 60).await, Use::Repeated);
    assert_eq!(collect(&store, last + 1).await, 1);
    assert_eq!(
        use_once(&store, &key, last + 60, last + 1).await,
        Use::First
    );
}

pub async fn what_is_forgotten_does_not_depend_on_the_collector(store: Whole) {
    let now = start();
    let (until, key) = (now + 60, fresh_key());
    assert_eq!(use_once(&store, &key, until, now).await, Use::First);
    let forgotten = until + COLLECT_AFTER_SECONDS;
    let again = forgotten + 60;
    assert_eq!(use_once(&store, &key, again, forgotten).await, Use::First);
    let repeated = use_once(&store, &key, again, forgotten + 1).await;
    assert_eq!(repeated, Use::Repeated, "remembered anew");
}

pub async fn of_64_uses_at_once_one_is_the_first(store: Whole) {
    let now = start();
    for _ in 0..RACES {
        let key = fresh_key();
        let outcomes = race(|_| {
            let store = Arc::clone(&store);
            async move { use_once(&store, &key, now + 60, now).await }
        })
        .await;
        assert_eq!(count(&outcomes, |outcome| *outcome == Use::First), 1);
    }
    // The same where what was remembered is forgotten.
    let key = fresh_key();
    assert_eq!(use_once(&store, &key, now, now).await, Use::First);
    let later = now + COLLECT_AFTER_SECONDS;
    let outcomes = race(|_| {
        let store = Arc::clone(&store);
        async move { use_once(&store, &key, later + 60, later).await }
    })
    .await;
    assert_eq!(count(&outcomes, |outcome| *outcome == Use::First), 1);
}
