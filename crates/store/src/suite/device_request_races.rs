//! Device requests under 64 racers: one answer counts, and a device code is redeemed once.

use super::Whole;
use super::device_requests::{INTERVAL_SECONDS, approve, begin, deny, poll, request, requested};
use super::races::{count, race};
use super::world::{guess, redeem, refresh_token};
use crate::device_requests::{Answer, AnswerOutcome, PollOutcome};
use crate::grants::RedeemOutcome;

pub async fn of_64_redemptions_of_a_device_code_one_wins(store: Whole) {
    let (grants, world) = begin(&store).await;
    for _ in 0..4 {
        let id = requested(&store, &world).await;
        approve(&store, &world, id, world.now).await;
        let outcomes = race(|number| {
            let (grants, mut act) = (grants.clone(), world.redeem_device(id));
            act.refresh.first = refresh_token(&id, number as u64);
            let now = world.now;
            async move { redeem(&grants, &act, now).await }
        })
        .await;
        let redeemed = |outcome: &RedeemOutcome| matches!(outcome, RedeemOutcome::Redeemed(_));
        assert_eq!(count(&outcomes, redeemed), 1, "{outcomes:?}");
        let replayed = |outcome: &RedeemOutcome| matches!(outcome, RedeemOutcome::Replayed { .. });
        assert_eq!(count(&outcomes, replayed), 1, "{outcomes:?}");
    }
}

pub async fn of_64_answers_to_a_device_request_one_counts(store: Whole) {
    let (grants, world) = begin(&store).await;
    let neighbour = world.neighbour(&grants).await;
    for _ in 0..4 {
        let id = requested(&store, &world).await;
        let outcomes = race(|number| {
            let store = store.clone();
            let user = if number % 4 < 2 { &world } else { &neighbour };
            let user = user.clone();
            async move {
                match number % 2 {
                    0 => approve(&store, &user, id, user.now).await,
                    _ => deny(&store, &user, id, user.now).await,
                }
            }
        })
        .await;
        let taken = |outcome: &AnswerOutcome| *outcome == AnswerOutcome::Taken;
        assert_eq!(count(&outcomes, taken), 1, "{outcomes:?}");
        let grant = store.grant(&id).await.expect("returns");
        match request(&store, &id).await.answer {
            Answer::Approved(by) => assert_eq!(grant.map(|view| view.grant.sub), Some(by.sub)),
            Answer::Denied(_) => assert_eq!(grant, None),
            Answer::Pending => panic!("someone answered"),
        }
    }
}

pub async fn of_64_polls_at_once_one_is_in_time(store: Whole) {
    let (_, world) = begin(&store).await;
    let id = requested(&store, &world).await;
    let outcomes = race(|_| {
        let (store, world) = (store.clone(), world.clone());
        async move { poll(&store, &world, id, world.now).await }
    })
    .await;
    let in_time = |outcome: &PollOutcome| *outcome == PollOutcome::Pending;
    assert_eq!(count(&outcomes, in_time), 1, "{outcomes:?}");
    let interval_seconds = request(&store, &id).await.interval_seconds;
    assert_eq!(interval_seconds, INTERVAL_SECONDS + 63 * 5);
}

pub async fn of_64_requests_for_a_user_code_one_gets_it(store: Whole) {
    let (_, world) = begin(&store).await;
    let user_code = guess();
    let created = race(|_| {
        let (store, mut new) = (store.clone(), world.device_request());
        new.user_code = user_code;
        let now = world.now;
        async move {
            store
                .create_device_request(&new, now)
                .await
                .expect("returns")
        }
    })
    .await;
    assert_eq!(count(&created, |created: &bool| *created), 1);
}
