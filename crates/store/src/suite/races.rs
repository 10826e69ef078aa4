//! Single use under 64 racers at once: one wins, and each loser is told why.

mod parents;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;

use super::world::{
    Grants, World, code, endings, new_code, redeem, refresh_token, rotate, sealed, view,
};
use crate::grants::{
    EndCause, EndGrantOutcome, IssueOutcome, RedeemOutcome, RotateOutcome, Successor, WhatEnded,
};

pub use parents::*;

pub(super) const RACERS: usize = 64;
pub(super) const RACES: usize = 4;

/// Starts 64 tasks and lets them go at once.
pub(super) async fn race<T, F>(racer: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(RACERS));
    let tasks: Vec<_> = (0..RACERS)
        .map(|number| {
            let (barrier, racer) = (Arc::clone(&barrier), racer(number));
            tokio::spawn(async move {
                barrier.wait().await;
                racer.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(RACERS);
    for task in tasks {
        outcomes.push(task.await.expect("a racer ends well"));
    }
    outcomes
}

pub(super) fn count<T>(outcomes: &[T], fits: impl Fn(&T) -> bool) -> usize {
    outcomes.iter().filter(|outcome| fits(outcome)).count()
}

pub async fn of_64_redemptions_one_wins_and_the_first_loser_ends_the_grant(store: Grants) {
    let world = World::new(&store).await;
    for _ in 0..RACES {
        let id = world.issued(&store).await;
        let outcomes = race(|number| {
            let (store, mut act, now) = (Arc::clone(&store), world.redeem(id), world.now);
            act.refresh.first = refresh_token(&id, number as u64);
            async move { redeem(&store, &act, now).await }
        })
        .await;
        let what_ended = WhatEnded::Grant(EndCause::CodeReplayed);
        let won = count(&outcomes, |o| matches!(o, RedeemOutcome::Redeemed(_)));
        let replayed = count(&outcomes, |o| matches!(o, RedeemOutcome::Replayed { .. }));
        let ended = count(&outcomes, |o| *o == RedeemOutcome::Ended(what_ended));
        assert_eq!((won, replayed, ended), (1, 1, RACERS - 2), "{outcomes:?}");
        let found = view(&store, &id).await;
        assert_eq!(found.what_ended, Some(what_ended));
        let winners = outcomes.into_iter().find_map(|outcome| match outcome {
            RedeemOutcome::Redeemed(grant) => grant.refresh.map(|family| family.current),
            _ => None,
        });
        let kept = found.grant.refresh.map(|family| family.current);
        assert_eq!(kept, winners, "no loser's family was written");
    }
}

pub async fn of_64_rotations_one_wins_and_the_others_get_its_successor(store: Grants) {
    let world = World::new(&store).await;
    for _ in 0..RACES {
        let id = world.redeemed(&store).await;
        let outcomes = race(|number| {
            let (store, mut act, now) = (
                Arc::clone(&store),
                world.rotate(id, 0, world.now),
                world.now,
            );
            act.successor = Some(Successor {
                hash: refresh_token(&id, 1 + number as u64),
                sealed: sealed(&id, 1 + number as u64),
                grace_until: now + 10,
            });
            async move { rotate(&store, &act, now).await }
        })
        .await;
        let winners = (0..RACERS).filter(|number| outcomes[*number] == RotateOutcome::Rotated);
        let winners: Vec<usize> = winners.collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        let number = 1 + winners[0] as u64;
        let repeated = RotateOutcome::Repeated {
            sealed_successor: sealed(&id, number),
        };
        assert_eq!(count(&outcomes, |o| *o == repeated), RACERS - 1);
        let found = view(&store, &id).await;
        assert_eq!(found.what_ended, None);
        let family = found.grant.refresh.expect("a family");
        assert_eq!(family.current, refresh_token(&id, number));
    }
}

pub async fn of_64_rotations_without_a_grace_one_wins_and_the_first_loser_is_reuse(store: Grants) {
    let world = World::new(&store).await;
    let id = world.redeemed(&store).await;
    let outcomes = race(|number| {
        let (store, mut act, now) = (
            Arc::clone(&store),
            world.rotate(id, 0, world.now),
            world.now,
        );
        act.successor = Some(Successor {
            hash: refresh_token(&id, 1 + number as u64),
            sealed: Vec::new(),
            grace_until: now,
        });
        async move { rotate(&store, &act, now).await }
    })
    .await;
    let what_ended = WhatEnded::Grant(EndCause::RefreshTokenReused);
    let won = count(&outcomes, |o| *o == RotateOutcome::Rotated);
    let reused = count(&outcomes, |o| matches!(o, RotateOutcome::Reused { .. }));
    let ended = count(&outcomes, |o| *o == RotateOutcome::Ended(what_ended));
    assert_eq!((won, reused, ended), (1, 1, RACERS - 2), "{outcomes:?}");
    assert_eq!(view(&store, &id).await.what_ended, Some(what_ended));
}

pub async fn of_64_repeats_at_once_all_get_one_successor(store: Grants) {
    let world = World::new(&store).await;
    for _ in 0..RACES {
        let id = world.redeemed(&store).await;
        world.rotated(&store, id, 0, world.now).await;
        let before = view(&store, &id).await;
        let outcomes = race(|number| {
            let (store, now) = (Arc::clone(&store), world.now);
            let mut act = world.rotate(id, 0, now);
            act.successor = Some(Successor {
                hash: refresh_token(&id, 100 + number as u64),
                sealed: sealed(&id, 100 + number as u64),
                grace_until: now + 10,
            });
            async move { rotate(&store, &act, now).await }
        })
        .await;
        let repeated = RotateOutcome::Repeated {
            sealed_successor: sealed(&id, 1),
        };
        assert_eq!(count(&outcomes, |o| *o == repeated), RACERS, "{outcomes:?}");
        assert_eq!(view(&store, &id).await, before);
    }
}

/// Each refresh moves the record, so the ending has to get in between.
pub async fn an_ending_is_carried_out_in_a_storm_of_rotations(store: Grants) {
    let world = World::new(&store).await;
    let id = world.redeemed(&store).await;
    let what_ended = WhatEnded::Grant(EndCause::Revoked);
    let ended = race(|number| {
        let (store, now) = (Arc::clone(&store), world.now);
        let mut act = world.rotate(id, 0, now);
        act.successor = None;
        async move {
            if number == RACERS / 2 {
                let outcome = store.end_grant(&id, None, EndCause::Revoked, now).await;
                assert_eq!(outcome.expect("ends"), EndGrantOutcome::Ended);
                return rotate(&store, &act, now).await == RotateOutcome::Ended(what_ended);
            }
            for _ in 0..100_000 {
                match rotate(&store, &act, now).await {
                    RotateOutcome::Kept => tokio::task::yield_now().await,
                    outcome => return outcome == RotateOutcome::Ended(what_ended),
                }
            }
            false
        }
    })
    .await;
    assert_eq!(count(&ended, |ended| *ended), RACERS);
    assert_eq!(view(&store, &id).await.what_ended, Some(what_ended));
}

pub async fn of_64_ends_of_a_grant_one_ends_it(store: Grants) {
    let world = World::new(&store).await;
    for _ in 0..RACES {
        let id = world.redeemed(&store).await;
        let outcomes = race(|number| {
            let (store, now) = (Arc::clone(&store), world.now);
            let cause = EndCause::ALL[number % EndCause::ALL.len()];
            let end = async move { (store.end_grant(&id, None, cause, now).await, cause) };
            async move {
                let (outcome, cause) = end.await;
                (outcome.expect("returns"), cause)
            }
        })
        .await;
        let ended = EndGrantOutcome::Ended;
        assert_eq!(count(&outcomes, |(outcome, _)| *outcome == ended), 1);
        let already = EndGrantOutcome::AlreadyEnded;
        let losers = count(&outcomes, |(outcome, _)| *outcome == already);
        assert_eq!(losers, RACERS - 1);
        let winner = outcomes.iter().find(|(outcome, _)| *outcome == ended);
        let cause = winner.map(|(_, cause)| WhatEnded::Grant(*cause));
        assert_eq!(view(&store, &id).await.what_ended, cause);
    }
}

pub async fn of_64_issues_of_a_grant_one_code_is_good(store: Grants) {
    let world = World::new(&store).await;
    let issue = world.issue();
    let id = issue.grant.id;
    let outcomes = race(|number| {
        let (store, mut act, now) = (Arc::clone(&store), issue.clone(), world.now);
        new_code(&mut act).hash = code(&id, number as u64);
        async move { store.issue_code(&act, now).await.expect("returns") }
    })
    .await;
    let issued = count(&outcomes, |o| matches!(o, IssueOutcome::Issued { .. }));
    let replaced = count(&outcomes, |o| matches!(o, IssueOutcome::Replaced { .. }));
    assert_eq!((issued, replaced), (1, RACERS - 1), "{outcomes:?}");
    let mut good = 0;
    for number in 0..RACERS {
        let mut act = world.redeem(id);
        act.presented = code(&id, number as u64);
        match redeem(&store, &act, world.now).await {
            RedeemOutcome::Redeemed(_) => good += 1,
            outcome => assert_eq!(outcome, RedeemOutcome::Unknown),
        }
    }
    assert_eq!(good, 1);
    let sessions = store.end_session(&world.session.id, world.now).await;
    assert_eq!(sessions.expect("returns").len(), 1, "they join one session");
}

pub async fn of_two_clients_that_issue_one_grant_one_has_it(store: Grants) {
    let (one, other) = (World::new(&store).await, World::new(&store).await);
    for _ in 0..RACES {
        let mut issues = [one.issue(), other.issue()];
        issues[1].grant.id = issues[0].grant.id;
        let id = issues[0].grant.id;
        let outcomes = race(|number| {
            let (store, act, now) = (Arc::clone(&store), issues[number % 2].clone(), one.now);
            async move { store.issue_code(&act, now).await.expect("returns") }
        })
        .await;
        let issued = count(&outcomes, |o| matches!(o, IssueOutcome::Issued { .. }));
        let refused = count(&outcomes, |o| *o == IssueOutcome::AlreadyUsed);
        assert_eq!((issued, refused), (1, RACERS / 2), "{outcomes:?}");
        let has = view(&store, &id).await.grant.client_id;
        let winner = outcomes
            .iter()
            .position(|o| matches!(o, IssueOutcome::Issued { .. }));
        let winner = winner.map(|number| issues[number % 2].grant.client_id.clone());
        assert_eq!(Some(has), winner);
    }
}

pub async fn a_code_is_redeemed_or_replaced_but_never_both(store: Grants) {
    let world = World::new(&store).await;
    // One redemption among many that replace the code: some of these are half done by then.
    for _ in 0..4 * RACES {
        let issue = world.issue();
        let id = world.carry_out_issue(&store, &issue).await;
        let outcomes = race(|number| {
            let (store, mut act, now) = (Arc::clone(&store), issue.clone(), world.now);
            let redemption = world.redeem(id);
            new_code(&mut act).hash = code(&id, 1);
            async move {
                match number == RACERS / 8 {
                    true => Ok(redeem(&store, &redemption, now).await),
                    false => Err(store.issue_code(&act, now).await.expect("returns")),
                }
            }
        })
        .await;
        let won = count(&outcomes, |o| matches!(o, Ok(RedeemOutcome::Redeemed(_))));
        let replaced = count(&outcomes, |o| {
            matches!(o, Err(IssueOutcome::Replaced { .. }))
        });
        match won {
            0 => assert_eq!(replaced, RACERS - 1, "{outcomes:?}"),
            _ => assert_eq!(replaced, 0, "{outcomes:?}"),
        }
    }
}

pub async fn a_grant_that_ended_does_not_come_back_by_a_replacement(store: Grants) {
    let world = World::new(&store).await;
    for _ in 0..4 * RACES {
        let issue = world.issue();
        let id = world.carry_out_issue(&store, &issue).await;
        race(|number| {
            let (store, mut act, now) = (Arc::clone(&store), issue.clone(), world.now);
            new_code(&mut act).hash = code(&id, 1);
            async move {
                match number == RACERS / 8 {
                    true => super::world::end(&store, &id, now).await,
                    false => drop(store.issue_code(&act, now).await.expect("returns")),
                }
            }
        })
        .await;
        let what_ended = view(&store, &id).await.what_ended;
        assert_eq!(what_ended, Some(WhatEnded::Grant(EndCause::Revoked)));
    }
}

pub async fn what_races_with_an_ending_has_ended_once_that_returns(store: Grants) {
    for ending in endings() {
        let world = World::new(&store).await;
        let (used, unused) = (world.redeemed(&store).await, world.issued(&store).await);
        let outcomes = race(|number| {
            let (store, now) = (Arc::clone(&store), world.now);
            let (rotation, redemption) = (world.rotate(used, 0, now), world.redeem(unused));
            let sub = world.sub.clone();
            async move {
                match number % 3 {
                    0 => {
                        super::world::change_user(&store, &sub, ending, now).await;
                        // From here on, no caller may see one of them as valid.
                        let used = view(&store, &used).await.what_ended;
                        let unused = view(&store, &unused).await.what_ended;
                        used.is_some() && unused.is_some()
                    }
                    1 => {
                        rotate(&store, &rotation, now).await;
                        true
                    }
                    _ => {
                        redeem(&store, &redemption, now).await;
                        true
                    }
                }
            }
        })
        .await;
        assert!(outcomes.into_iter().all(|seen| seen));
    }
}
