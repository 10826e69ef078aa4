//! Races for sessions: renewals, sign-ins and endings under 64 racers at once.

use std::sync::Arc;

use super::races::{RACERS, RACES, count, race};
use super::sessions::renewal;
use super::world::{Grants, World, cookie, endings, state, view};
use crate::grants::{IssueOutcome, WhatEnded};
use crate::sessions::{RenewOutcome, SessionState};

pub async fn after_64_renewals_at_once_there_is_one_session_and_one_current_cookie(store: Grants) {
    let world = World::new(&store).await;
    let (id, now) = (world.session.id, world.now);
    let online = world.redeemed(&store).await;
    let outcomes = race(|number| {
        let (store, act) = (Arc::clone(&store), renewal(&world, 1 + number as u64));
        async move { store.renew_session(&act, now).await.expect("returns") }
    })
    .await;
    let renewed = count(&outcomes, |o| matches!(o, RenewOutcome::Renewed(_)));
    assert_eq!(renewed, RACERS, "each proof counts: {outcomes:?}");
    let mut live = 0;
    for n in 0..=RACERS as u64 {
        match state(&store, &cookie(&id, n), now).await {
            SessionState::Live(session) => {
                live += 1;
                assert_eq!(session.secret, cookie(&id, n).hash());
            }
            other => assert!(matches!(other, SessionState::Superseded(_)), "{other:?}"),
        }
    }
    assert_eq!(live, 1);
    // Nothing of it is left behind by a sign-out.
    assert_eq!(view(&store, &online).await.what_ended, None);
    let ended = store.end_session(&id, now).await.expect("returns");
    assert_eq!(ended.len(), 1);
    let what_ended = view(&store, &online).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
}

pub async fn a_session_that_is_ended_beside_renewals_stays_ended(store: Grants) {
    for _ in 0..RACES {
        let world = World::new(&store).await;
        let (id, now) = (world.session.id, world.now);
        let online = world.redeemed(&store).await;
        let outcomes = race(|number| {
            let (store, act) = (Arc::clone(&store), renewal(&world, 1 + number as u64));
            let own = cookie(&id, 0);
            async move {
                match number == RACERS / 8 {
                    true => {
                        let ended = store.end_session(&id, now).await.expect("returns");
                        assert_eq!(ended.len(), 1);
                        state(&store, &own, now).await == SessionState::Ended
                    }
                    false => {
                        store.renew_session(&act, now).await.expect("returns");
                        true
                    }
                }
            }
        })
        .await;
        assert!(outcomes.into_iter().all(|seen| seen));
        for n in 0..=RACERS as u64 {
            let state = state(&store, &cookie(&id, n), now).await;
            assert_eq!(state, SessionState::Ended, "cookie {n}");
        }
        let what_ended = view(&store, &online).await.what_ended;
        assert_eq!(what_ended, Some(WhatEnded::BrowserSession));
    }
}

pub async fn of_64_ends_of_a_session_one_names_its_client_sessions(store: Grants) {
    let world = World::new(&store).await;
    world.issued(&store).await;
    let outcomes = race(|_| {
        let (store, id, now) = (Arc::clone(&store), world.session.id, world.now);
        async move { store.end_session(&id, now).await.expect("returns").len() }
    })
    .await;
    assert_eq!(count(&outcomes, |told| *told == 1), 1, "{outcomes:?}");
    assert_eq!(count(&outcomes, |told| *told == 0), RACERS - 1);
}

pub async fn a_sign_in_beside_an_ending_of_the_user_has_ended_once_that_returns(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        let outcomes = race(|number| {
            let (store, sub) = (Arc::clone(&store), world.sub.clone());
            // The epoch was read and the password verified before the ending.
            let started = super::world::session(&sub, world.user_epoch, now);
            let act = renewal(&world, 1 + number as u64);
            async move {
                match number % 3 {
                    0 => super::world::change_user(&store, &sub, ending, now).await,
                    1 => {
                        let done = store.start_session(&started, None, now).await;
                        done.expect("returns");
                    }
                    _ => drop(store.renew_session(&act, now).await.expect("returns")),
                }
                started.id
            }
        })
        .await;
        for id in outcomes {
            let state = state(&store, &cookie(&id, 0), now).await;
            let refused = [SessionState::Ended, SessionState::Unknown];
            assert!(refused.contains(&state), "{state:?}");
        }
        for n in 0..=RACERS as u64 {
            let cookie = cookie(&world.session.id, n);
            assert_eq!(state(&store, &cookie, now).await, SessionState::Ended);
        }
    }
}

pub async fn of_64_who_join_and_end_client_sessions_none_leaves_two(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let acts: Vec<_> = (0..RACERS).map(|_| world.issue()).collect();
    let outcomes = race(|number| {
        let (store, act) = (Arc::clone(&store), acts[number].clone());
        async move {
            let outcome = store.issue_code(&act, now).await.expect("returns");
            let IssueOutcome::Issued { sid } = outcome else {
                panic!("{outcome:?}");
            };
            if number % 8 == 0 {
                store.end_client_session(&sid, now).await.expect("returns");
            }
            (act.grant.id, sid)
        }
    })
    .await;
    let (session, client_id) = (&world.session.id, &world.client_id);
    let last = store.client_session(session, client_id).await;
    let last = last.expect("returns").expect("it is there");
    for (id, sid) in outcomes {
        let lives = last.ended.is_none() && last.sid == sid;
        let what_ended = (!lives).then_some(WhatEnded::ClientSession);
        assert_eq!(view(&store, &id).await.what_ended, what_ended);
    }
}
