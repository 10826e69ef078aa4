//! Counting attempts: racers never share an allowance.

use std::sync::Arc;

use countersign_jose::random;

use super::Whole;
use super::races::{count, race};
use super::world::start;
use crate::throttle::{Attempt, Limit, Refused};

const FIVE_A_MINUTE: Limit = Limit {
    attempts: 5,
    window_seconds: 60,
};

pub async fn attempts_are_allowed_refused_and_regained(store: Whole) {
    let now = start();
    let key = random::bytes();
    let attempt = async |key: [u8; 32], at| {
        let attempt = store.count_attempt(&key, FIVE_A_MINUTE, at).await;
        attempt.expect("answers")
    };
    for _ in 0..5 {
        assert_eq!(attempt(key, now).await, Attempt::Allowed);
    }
    let refused = Attempt::Refused(Refused {
        retry_after_seconds: 12,
    });
    for _ in 0..3 {
        assert_eq!(attempt(key, now).await, refused, "a refusal costs nothing");
    }
    let another = attempt(random::bytes(), now).await;
    assert_eq!(another, Attempt::Allowed, "another key");
    assert_eq!(attempt(key, now + 12).await, Attempt::Allowed);
    assert_eq!(attempt(key, now + 12).await, refused);
    store.forget_attempts(&key, now).await.expect("answers");
    assert_eq!(attempt(key, now + 12).await, Attempt::Allowed);
    let unknown = random::bytes();
    store.forget_attempts(&unknown, now).await.expect("answers");
}

pub async fn of_64_attempts_at_once_five_are_allowed(store: Whole) {
    let now = start();
    let key = random::bytes();
    let outcomes = race(|_| {
        let store = Arc::clone(&store);
        async move {
            let attempt = store.count_attempt(&key, FIVE_A_MINUTE, now).await;
            attempt.expect("answers")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |o| *o == Attempt::Allowed), 5);
}
