//! 64 acts at once, whose connection is lost while they run.

use std::sync::Arc;

use super::super::proxy::Proxy;
use super::super::races::{count, race};
use super::super::sessions::renewal;
use super::super::world::{Grants, World, cookie, epoch, rotate, state, view};
use crate::StoreError;
use crate::grants::RotateOutcome;
use crate::sessions::{RenewOutcome, SessionState};
use crate::standing::{StandingChange, StandingOutcome, Status};

/// After how many pieces the cut is made.
const PIECES: [usize; 5] = [0, 1, 2, 5, 20];

/// What each act returned; `None` where it failed as an act may if its response was lost.
fn returned<T>(outcomes: Vec<Result<T, StoreError>>) -> Vec<Option<T>> {
    let returned = |outcome| match outcome {
        Ok(outcome) => Some(outcome),
        Err(StoreError::Unavailable(_) | StoreError::Contended) => None,
        Err(error) => panic!("{error}"),
    };
    outcomes.into_iter().map(returned).collect()
}

/// With one refresh token.
pub async fn of_64_rotations_at_once(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    let world = World::new(store).await;
    for pieces in PIECES {
        let id = world.redeemed(store).await;
        proxy.cut_after(pieces, None);
        let outcomes = race(|number| {
            let (store, now) = (Arc::clone(proxied), world.now);
            let mut act = world.rotate(id, 0, now);
            act.successor = world.rotate(id, number as u64, now).successor;
            async move { store.rotate_refresh_token(&act, now).await }
        })
        .await;
        proxy.disarm();
        let outcomes = returned(outcomes);
        let winners = count(&outcomes, |o| *o == Some(RotateOutcome::Rotated));
        assert!(winners <= 1, "piece {pieces}: {outcomes:?}");
        for outcome in outcomes.into_iter().flatten() {
            assert_is_good(pieces, &outcome);
        }
        // A client that tries again gets the one successor, and that is good.
        let again = rotate(store, &world.rotate(id, 0, world.now), world.now).await;
        assert_is_good(pieces, &again);
        assert_eq!(view(store, &id).await.what_ended, None, "piece {pieces}");
    }
}

fn assert_is_good(pieces: usize, outcome: &RotateOutcome) {
    let good = matches!(
        outcome,
        RotateOutcome::Rotated | RotateOutcome::Repeated { .. }
    );
    assert!(good, "piece {pieces}: {outcome:?}");
}

/// Of one session, each with a proof of its own.
pub async fn of_64_renewals_at_once(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    for pieces in PIECES {
        let world = World::new(store).await;
        let (id, now) = (world.session.id, world.now);
        proxy.cut_after(pieces, None);
        let outcomes = race(|number| {
            let (store, act) = (Arc::clone(proxied), renewal(&world, 1 + number as u64));
            async move { store.renew_session(&act, now).await }
        })
        .await;
        proxy.disarm();
        let outcomes = returned(outcomes);
        for outcome in outcomes.iter().flatten() {
            let renewed = matches!(outcome, RenewOutcome::Renewed(_));
            assert!(renewed, "piece {pieces}: {outcome:?}");
        }
        let mut live = 0;
        for n in 0..=outcomes.len() as u64 {
            match state(store, &cookie(&id, n), now).await {
                SessionState::Live(_) => live += 1,
                other => assert!(matches!(other, SessionState::Superseded(_)), "{other:?}"),
            }
        }
        assert_eq!(live, 1, "piece {pieces}");
    }
}

/// Of one session: one of them names what ended with it, if it does not fail, and no other does.
pub async fn of_64_sign_outs_at_once(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    for pieces in PIECES {
        let world = World::new(store).await;
        let (id, now) = (world.session.id, world.now);
        world.issued(store).await;
        proxy.cut_after(pieces, None);
        let outcomes = race(|_| {
            let store = Arc::clone(proxied);
            async move { store.end_session(&id, now).await }
        })
        .await;
        proxy.disarm();
        let outcomes = returned(outcomes);
        let failed = count(&outcomes, Option::is_none);
        // The user tries again.
        let again = store.end_session(&id, now).await.expect("returns");
        let ended = outcomes.iter().flatten().chain([&again]);
        let named = ended.map(Vec::len).sum::<usize>();
        assert!(named == 1 || named == 0 && failed > 0, "piece {pieces}");
        let found = state(store, &cookie(&id, 0), now).await;
        assert_eq!(found, SessionState::Ended, "piece {pieces}");
    }
}

/// Of one consent.
pub async fn of_64_withdrawals_at_once(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    for pieces in PIECES {
        let world = World::new(store).await;
        world.issued(store).await;
        proxy.cut_after(pieces, None);
        let outcomes = race(|_| {
            let (store, world) = (Arc::clone(proxied), world.clone());
            async move {
                let (sub, client_id) = (&world.sub, &world.client_id);
                store.withdraw_consent(sub, client_id, world.now).await
            }
        })
        .await;
        proxy.disarm();
        let mut outcomes = returned(outcomes);
        let (sub, client_id) = (&world.sub, &world.client_id);
        let again = store.withdraw_consent(sub, client_id, world.now).await;
        outcomes.push(Some(again.expect("returns")));
        let withdrawn = count(&outcomes, |outcome| *outcome == Some(true));
        let failed = count(&outcomes, Option::is_none);
        let one = withdrawn == 1 || withdrawn == 0 && failed > 0;
        assert!(one, "piece {pieces}: {outcomes:?}");
        let found = store.consent(&world.sub, &world.client_id).await;
        assert_eq!(found.expect("returns"), None, "piece {pieces}");
    }
}

/// Of one user, each with an epoch of its own. What one of them has returned is not undone.
pub async fn of_64_disablings_at_once(store: &Grants, proxied: &Grants, proxy: &Proxy) {
    for pieces in PIECES {
        let world = World::new(store).await;
        proxy.cut_after(pieces, None);
        let outcomes = race(|_| {
            let (store, sub, now) = (Arc::clone(proxied), world.sub.clone(), world.now);
            async move {
                let disable = StandingChange::Disable { epoch: epoch() };
                store.change_subject_standing(&sub, &disable, now).await
            }
        })
        .await;
        proxy.disarm();
        let outcomes = returned(outcomes);
        let changed = count(&outcomes, |o| *o == Some(StandingOutcome::Changed));
        let failed = count(&outcomes, Option::is_none);
        assert_eq!(changed + failed, outcomes.len(), "{outcomes:?}");
        let found = store.subject(&world.sub).await.expect("returns");
        let found = found.expect("it is there").standing();
        let disabled = found.status == Status::Disabled && found.epoch != world.user_epoch;
        assert!(disabled || changed == 0, "piece {pieces}: {found:?}");
    }
}
