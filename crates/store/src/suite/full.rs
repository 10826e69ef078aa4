//! A store whose server takes no more data: endings work, and everything else fails by name.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use super::sessions::renewal;
use super::world::{Grants, World, endings, guess, session, view};
use crate::StoreError;
use crate::grants::{EndCause, EndGrantOutcome, RedeemOutcome, WhatEnded};
use crate::standing::StandingOutcome;

/// Fills the server by `fill` once what the test needs is written.
pub async fn endings_work_in_a_full_store<F: Future<Output = ()>>(
    store: Grants,
    fill: impl FnOnce() -> F,
) {
    let world = World::new(&store).await;
    let now = world.now;
    let unused = world.issued(&store).await;
    let redeemed = world.redeemed(&store).await;
    let replayed = world.redeemed(&store).await;
    let neighbour = world.neighbour(&store).await;
    let ended_alone = neighbour.redeemed(&store).await;
    let found = store.client_session(&neighbour.session.id, &world.client_id);
    let sid = found.await.expect("returns").expect("it is there").sid;
    fill().await;

    refused(store.issue_code(&world.issue(), now)).await;
    refused(store.redeem(&world.redeem(unused), now)).await;
    refused(store.rotate_refresh_token(&world.rotate(redeemed, 0, now), now)).await;
    let another = session(&world.sub, world.user_epoch, now);
    refused(store.start_session(&another, None, now)).await;
    refused(store.renew_session(&renewal(&world, 1), now)).await;
    assert_eq!(
        view(&store, &redeemed).await.what_ended,
        None,
        "it can be read"
    );

    let outcome = works(store.end_grant(&redeemed, None, EndCause::Revoked, now)).await;
    assert_eq!(outcome, EndGrantOutcome::Ended);
    let outcome = works(store.redeem(&world.redeem(replayed), now)).await;
    assert!(
        matches!(outcome, RedeemOutcome::Replayed { .. }),
        "{outcome:?}"
    );
    let what_ended = view(&store, &replayed).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::Grant(EndCause::CodeReplayed)));
    works(store.deny_access_token(&guess(), now + 60, now)).await;
    assert!(works(store.end_client_session(&sid, now)).await);
    assert_eq!(
        view(&store, &ended_alone).await.what_ended,
        Some(WhatEnded::ClientSession)
    );
    assert_eq!(
        works(store.end_session(&world.session.id, now)).await.len(),
        1
    );
    assert!(works(store.withdraw_consent(&world.sub, &world.client_id, now)).await);
    for change in endings() {
        let outcome = works(store.change_subject_standing(&world.sub, &change, now)).await;
        assert_eq!(outcome, StandingOutcome::Changed);
    }
    for change in endings() {
        let outcome = works(store.change_client_standing(&world.client_id, &change, now)).await;
        assert_eq!(outcome, StandingOutcome::Changed);
    }
    assert!(works(store.delete_subject(&world.sub, now)).await);
    assert_eq!(works(store.delete_all_codes(now)).await, 1);
}

async fn in_time<T>(act: impl Future<Output = T>) -> T {
    let outcome = timeout(Duration::from_secs(30), act).await;
    outcome.expect("nothing hangs")
}

async fn refused<T: Debug>(act: impl Future<Output = Result<T, StoreError>>) {
    let outcome = in_time(act).await;
    assert!(
        matches!(outcome, Err(StoreError::Refused(_))),
        "{outcome:?}"
    );
}

async fn works<T>(act: impl Future<Output = Result<T, StoreError>>) -> T {
    in_time(act).await.expect("an ending works")
}
