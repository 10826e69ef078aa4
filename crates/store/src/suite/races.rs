//! Single use under 64 racers at once: one wins, and each loser is told why.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;

use super::sessions::renewal;
use super::world::{
    Grants, World, client, code, cookie, endings, epoch, name, redeem, refresh_token, rotate,
    sealed, state, view,
};
use crate::consents::ConsentStep;
use crate::grants::{
    Dead, EndCause, EndGrantOutcome, IssueOutcome, RedeemOutcome, RotateOutcome, Successor,
};

use crate::sessions::{RenewOutcome, SessionState};
use crate::standing::{StandingChange, StandingOutcome, Status};

pub(super) const RACERS: usize = 64;
const RACES: usize = 4;

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
        let dead = Dead::Grant(EndCause::CodeReplayed);
        let won = count(&outcomes, |o| matches!(o, RedeemOutcome::Redeemed(_)));
        let replayed = count(&outcomes, |o| matches!(o, RedeemOutcome::Replayed { .. }));
        let ended = count(&outcomes, |o| *o == RedeemOutcome::Ended(dead));
        assert_eq!((won, replayed, ended), (1, 1, RACERS - 2), "{outcomes:?}");
        let found = view(&store, &id).await;
        assert_eq!(found.dead, Some(dead));
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
        assert_eq!(found.dead, None);
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
    let dead = Dead::Grant(EndCause::RefreshTokenReused);
    let won = count(&outcomes, |o| *o == RotateOutcome::Rotated);
    let reused = count(&outcomes, |o| matches!(o, RotateOutcome::Reused { .. }));
    let ended = count(&outcomes, |o| *o == RotateOutcome::Ended(dead));
    assert_eq!((won, reused, ended), (1, 1, RACERS - 2), "{outcomes:?}");
    assert_eq!(view(&store, &id).await.dead, Some(dead));
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
    let dead = Dead::Grant(EndCause::Revoked);
    let ended = race(|number| {
        let (store, now) = (Arc::clone(&store), world.now);
        let mut act = world.rotate(id, 0, now);
        act.successor = None;
        async move {
            if number == RACERS / 2 {
                let outcome = store.end_grant(&id, None, EndCause::Revoked, now).await;
                assert_eq!(outcome.expect("ends"), EndGrantOutcome::Ended);
                return rotate(&store, &act, now).await == RotateOutcome::Ended(dead);
            }
            for _ in 0..100_000 {
                match rotate(&store, &act, now).await {
                    RotateOutcome::Kept => tokio::task::yield_now().await,
                    outcome => return outcome == RotateOutcome::Ended(dead),
                }
            }
            false
        }
    })
    .await;
    assert_eq!(count(&ended, |ended| *ended), RACERS);
    assert_eq!(view(&store, &id).await.dead, Some(dead));
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
        let cause = winner.map(|(_, cause)| Dead::Grant(*cause));
        assert_eq!(view(&store, &id).await.dead, cause);
    }
}

pub async fn of_64_issues_of_a_grant_one_code_is_good(store: Grants) {
    let world = World::new(&store).await;
    let issue = world.issue();
    let id = issue.grant.id;
    let outcomes = race(|number| {
        let (store, mut act, now) = (Arc::clone(&store), issue.clone(), world.now);
        act.code.hash = code(&id, number as u64);
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
            act.code.hash = code(&id, 1);
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
            act.code.hash = code(&id, 1);
            async move {
                match number == RACERS / 8 {
                    true => super::world::end(&store, &id, now).await,
                    false => drop(store.issue_code(&act, now).await.expect("returns")),
                }
            }
        })
        .await;
        let dead = view(&store, &id).await.dead;
        assert_eq!(dead, Some(Dead::Grant(EndCause::Revoked)));
    }
}

pub async fn what_races_with_an_ending_is_dead_once_that_returns(store: Grants) {
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
                        // From here on no one may say that one of them lives.
                        let used = view(&store, &used).await.dead;
                        let unused = view(&store, &unused).await.dead;
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
    super::world::change_user(&store, &world.sub, disable, world.now).await;
    super::world::change_client(&store, &world.client_id, disable, world.now).await;
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
