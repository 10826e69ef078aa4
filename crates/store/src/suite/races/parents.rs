//! 64 racers for what grants hang under: consents, users, clients, names. For sessions:
//! `session_races`.

use std::sync::Arc;

use super::super::world::{Grants, World, client, epoch, name, view};
use super::{RACERS, count, race};
use crate::consents::ConsentStep;
use crate::grants::WhatEnded;
use crate::standing::{StandingChange, StandingOutcome, Status};

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
    assert_eq!(
        view(&store, &grant).await.what_ended,
        Some(WhatEnded::Consent)
    );
}

pub async fn of_64_scopes_that_are_allowed_at_once_all_are_remembered(store: Grants) {
    let world = World::new(&store).await;
    let acts: Vec<_> = (0..RACERS)
        .map(|number| {
            let mut act = world.issue();
            act.consent = ConsentStep::Record {
                scope: format!("scope-{number}"),
                given_to: String::new(),
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
        assert_eq!(view(&store, &act.grant.id).await.what_ended, None);
    }
}

pub async fn of_64_disablings_and_enablings_none_is_undone_unseen(store: Grants) {
    let world = World::new(&store).await;
    let first = epoch();
    let disable = StandingChange::Disable { epoch: first };
    super::super::world::change_user(&store, &world.sub, disable, world.now).await;
    super::super::world::change_client(&store, &world.client_id, disable, world.now).await;
    // All have read the first disabling; half of them enable, half disable again.
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
    assert_eq!(view(&store, &grant).await.what_ended, Some(WhatEnded::User));
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
