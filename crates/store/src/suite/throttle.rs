//! Counting attempts: racers never share an allowance, and no clock makes a refusal last.

use std::sync::Arc;

use countersign_jose::random;

use super::Whole;
use super::races::{count, race};
use super::world::start;
use crate::throttle::{Attempt, Count, CounterKey, Limit, Refused};

fn five_a_minute() -> Count {
    counter(5)
}

fn counter(attempts: u32) -> Count {
    Count {
        key: CounterKey::new("suite", &[&random::bytes::<16>()]),
        limit: Limit {
            attempts,
            window_seconds: 60,
        },
    }
}

async fn attempt(store: &Whole, counts: &[Count], now: i64) -> Attempt {
    let attempt = store.count_attempts(counts, now).await;
    attempt.expect("returns")
}

async fn use_up(store: &Whole, counter: Count, now: i64) {
    for _ in 0..counter.limit.attempts {
        assert_eq!(attempt(store, &[counter], now).await, Attempt::Allowed);
    }
}

fn refused_until(end: i64, now: i64) -> Attempt {
    Attempt::Refused(Refused {
        retry_after_seconds: end - now,
    })
}

pub async fn attempts_are_allowed_refused_and_regained(store: Whole) {
    let (now, counter) = (start(), five_a_minute());
    use_up(&store, counter, now).await;
    let end = counter.window(now).ends_at;
    for at in [now, end - 1, end - 1] {
        let refused = refused_until(end, at);
        assert_eq!(attempt(&store, &[counter], at).await, refused);
    }
    let another = attempt(&store, &[five_a_minute()], now).await;
    assert_eq!(another, Attempt::Allowed, "another key");
    use_up(&store, counter, end).await;
    let refused = refused_until(end + 60, end);
    assert_eq!(attempt(&store, &[counter], end).await, refused);
}

pub async fn an_attempt_counts_against_all_of_its_counters_or_against_none(store: Whole) {
    let now = start();
    let (small, large) = (counter(2), counter(5));
    for _ in 0..2 {
        let both = attempt(&store, &[small, large], now).await;
        assert_eq!(both, Attempt::Allowed);
    }
    for _ in 0..10 {
        let both = attempt(&store, &[small, large], now).await;
        assert_eq!(both, refused_until(small.window(now).ends_at, now));
    }
    let left = counter(3);
    for _ in 0..3 {
        let both = attempt(&store, &[large, left], now).await;
        assert_eq!(both, Attempt::Allowed, "what was refused was not counted");
    }
    let ends = [large, left].map(|counter| counter.window(now).ends_at);
    let longest = ends.into_iter().max().unwrap_or_default();
    let both = attempt(&store, &[large, left], now).await;
    assert_eq!(both, refused_until(longest, now));
}

pub async fn a_counter_that_ran_ahead_refuses_no_longer_than_its_window(store: Whole) {
    let now = start();
    for ahead in [59, 61, 86_400, 365 * 86_400] {
        // One of its own for each: two windows that follow each other may both be used up.
        let counter = five_a_minute();
        for _ in 0..10 {
            attempt(&store, &[counter], now + ahead).await;
        }
        let mut waited = 0;
        while let Attempt::Refused(refused) = attempt(&store, &[counter], now + waited).await {
            waited += refused.retry_after_seconds;
        }
        assert!(waited <= 60, "{waited} seconds after {ahead}");
    }
}

pub async fn a_settled_attempt_is_forgotten_or_given_back_in_its_own_window(store: Whole) {
    let (now, forgotten, given_back) = (start(), five_a_minute(), five_a_minute());
    use_up(&store, forgotten, now).await;
    use_up(&store, given_back, now).await;
    let settle = async |counted_at| {
        let (forget, give_back) = ([forgotten], [given_back]);
        let settled = store.settle_attempts(&forget, &give_back, counted_at);
        settled.await.expect("returns");
    };
    // What another window counted is left as it is.
    settle(now + 60).await;
    for counter in [forgotten, given_back] {
        let refused = refused_until(counter.window(now).ends_at, now);
        assert_eq!(attempt(&store, &[counter], now).await, refused);
    }
    settle(now).await;
    use_up(&store, forgotten, now).await;
    let again = attempt(&store, &[given_back], now).await;
    assert_eq!(again, Attempt::Allowed);
    let again = attempt(&store, &[given_back], now).await;
    assert_ne!(again, Attempt::Allowed, "one was given back");
    // Nothing is given back that was not counted.
    let fresh = five_a_minute();
    let twice = [fresh, fresh];
    let settled = store.settle_attempts(&[], &twice, now);
    settled.await.expect("returns");
    use_up(&store, fresh, now).await;
    assert_ne!(attempt(&store, &[fresh], now).await, Attempt::Allowed);
}

pub async fn of_64_attempts_at_once_five_are_allowed(store: Whole) {
    let (now, counter) = (start(), five_a_minute());
    let outcomes = race(|_| {
        let store = Arc::clone(&store);
        async move { attempt(&store, &[counter], now).await }
    })
    .await;
    assert_eq!(count(&outcomes, |o| *o == Attempt::Allowed), 5);
}
