//! 64 racers for what grants hang under: sessions, consents, users, clients, names.

use std::sync::Arc;

use super::super::sessions::renewal;
use super::super::world::{Grants, World, client, cookie, endings, epoch, name, state, view};
use super::{RACERS, RACES, count, race};
use crate::consents::ConsentStep;
use crate::grants::{Dead, IssueOutcome};
use crate::sessions::{RenewOutcome, SessionState};
use crate::standing::{StandingChange, StandingOutcome, Status};

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
    assert_eq!(view(&store, &online).await.dead, None);
    let ended = store.end_session(&id, now).await.expect("returns");
    assert_eq!(ended.len(), 1);
    let dead = view(&store, &online).await.dead;
    assert_eq!(dead, Some(Dead::BrowserSession));
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
        let dead = view(&store, &online).await.dead;
        assert_eq!(dead, Some(Dead::BrowserSession));
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

pub async fn a_sign_in_beside_an_ending_of_the_user_is_dead_once_that_returns(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let now = world.now;
        let outcomes = race(|number| {
            let (store, sub) = (Arc::clone(&store), world.sub.clone());
            // The epoch was read and the password verified before the ending.
            let started = super::super::world::session(&sub, world.user_epoch, now);
            let act = renewal(&world, 1 + number as u64);
            async move {
                match number % 3 {
                    0 => super::super::world::change_user(&store, &sub, ending, now).await,
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
            let dead = [SessionState::Ended, SessionState::Unknown];
            assert!(dead.contains(&state), "{state:?}");
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
        let dead = (!lives).then_some(Dead::ClientSession);
        assert_eq!(view(&store, &id).await.dead, dead);
    }
}

pub async fn of_64_withdrawals_one_withdraws(store: Grants) {
    let world = World::new(&store).await;
    let grant = world.issued(&store).await;
    let outcomes = race(|_| {
        let (store, world) = (Arc::clone(&store), world.clone());
        async move {
            let (sub, client_id) = (&world.sub, &world.client_id);
            let withdrawn = store.withdraw_consent(sub, client_id, world.now).await;
            withdrawn.expect("returns")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |withdrawn| *withdrawn), 1);
    assert_eq!(view(&store, &grant).await.dead, Some(Dead::Consent));
}

pub async fn of_64_scopes_that_are_allowed_at_once_all_are_remembered(store: Grants) {
    let world = World::new(&store).await;
    let acts: Vec<_> = (0..RACERS)
        .map(|number| {
            let mut act = world.issue();
            act.consent = ConsentStep::Record {
                scope: format!("scope-{number}"),
                proposed_epoch: epoch(),
            };
            act
        })
        .collect();
    race(|number| {
        let (store, act, now) = (Arc::clone(&store), acts[number].clone(), world.now);
        async move { store.issue_code(&act, now).await.expect("returns") }
    })
    .await;
    let consent = store.consent(&world.sub, &world.client_id).await;
    let consent = consent.expect("returns").expect("it is there");
    assert_eq!(consent.scope.split(' ').count(), RACERS, "{consent:?}");
    for act in &acts {
        assert_eq!(view(&store, &act.grant.id).await.dead, None);
    }
}

pub async fn of_64_disablings_and_enablings_none_is_undone_unseen(store: Grants) {
    let world = World::new(&store).await;
    let first = epoch();
    let disable = StandingChange::Disable { epoch: first };
    super::super::world::change_user(&store, &world.sub, disable, world.now).await;
    super::super::world::change_client(&store, &world.client_id, disable, world.now).await;
    // All have read the first disabling; half of them enable, half disable anew.
    let outcomes = race(|number| {
        let (store, world, now) = (Arc::clone(&store), world.clone(), world.now);
        let change = match number % 2 {
            0 => StandingChange::Enable { disabled_by: first },
            _ => StandingChange::Disable { epoch: epoch() },
        };
        async move {
            let user = store.change_subject_standing(&world.sub, &change, now);
            let user = user.await.expect("returns");
            let client = store.change_client_standing(&world.client_id, &change, now);
            let client = client.await.expect("returns");
            (number % 2 == 1, user, client)
        }
    })
    .await;
    let changed = StandingOutcome::Changed;
    let disabled = count(&outcomes, |(disables, user, client)| {
        *disables && *user == changed && *client == changed
    });
    assert_eq!(disabled, RACERS / 2, "{outcomes:?}");
    let subject = store.subject(&world.sub).await.expect("returns");
    let status = subject.expect("it is there").status;
    assert_eq!(status, Status::Disabled);
    let client = store.client(&world.client_id).await.expect("returns");
    let status = client.expect("it is there").status;
    assert_eq!(status, Status::Disabled);
}

pub async fn of_64_deletions_of_a_user_one_deletes(store: Grants) {
    let world = World::new(&store).await;
    let grant = world.redeemed_offline(&store).await;
    let outcomes = race(|_| {
        let (store, world) = (Arc::clone(&store), world.clone());
        async move {
            let deleted = store.delete_subject(&world.sub, world.now).await;
            deleted.expect("returns")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |deleted| *deleted), 1);
    assert_eq!(view(&store, &grant).await.dead, Some(Dead::User));
}

pub async fn of_64_claims_to_a_name_one_holds(store: Grants) {
    let wanted = name("wanted");
    let outcomes = race(|number| {
        let (store, wanted) = (Arc::clone(&store), wanted.clone());
        async move {
            let claimed = match number % 2 {
                0 => store.create_client(&client(&wanted)).await,
                _ => store.create_subject(&wanted, epoch(), 0).await,
            };
            claimed.expect("returns")
        }
    })
    .await;
    assert_eq!(count(&outcomes, |claimed| *claimed), 1);
    let client = store.client(&wanted).await.expect("returns").is_some();
    let subject = store.subject(&wanted).await.expect("returns").is_some();
    assert_ne!(client, subject, "it is a client's or a subject's");
}
