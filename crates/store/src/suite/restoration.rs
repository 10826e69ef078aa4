//! A restored backup: whatever is still valid in the store, nothing is accepted after the act.

use countersign_jose::random::SystemRandom;

use super::world::{World, change_client, change_user, cookie, epoch, guess, state, view};
use super::{Whole, grants_of};
use crate::grants::WhatEnded;
use crate::restoration::NewEpochs;
use crate::sessions::SessionState;
use crate::setup::SetupLinkState;
use crate::standing::{StandingChange, Status};

pub async fn attack_76_nothing_of_a_restored_backup_becomes_valid_again(store: Whole) {
    let grants = grants_of(&store);
    // As the backup has them: a code that has been used since, grants that were ended since.
    let mut world = World::new(&grants).await;
    let now = world.now;
    let link = guess();
    let put = store.put_setup_link(&link, now + 60, now).await;
    assert!(put.expect("returns"));
    let unused = world.issued(&grants).await;
    let online = world.redeemed(&grants).await;
    let offline = world.redeemed_offline(&grants).await;
    let disabled = World::new(&grants).await;
    let (user, client) = (epoch(), epoch());
    let disable = StandingChange::Disable { epoch: user };
    change_user(&grants, &disabled.sub, disable, now).await;
    let disable = StandingChange::Disable { epoch: client };
    change_client(&grants, &disabled.client_id, disable, now).await;
    let withdrawn = World::new(&grants).await;
    withdrawn.issued(&grants).await;
    let done = store.withdraw_consent(&withdrawn.sub, &withdrawn.client_id, now);
    assert!(done.await.expect("returns"));
    let consent = store.consent(&world.sub, &world.client_id).await;
    let consent = consent.expect("returns").expect("it is there");
    let session = store.client_session(&world.session.id, &world.client_id);
    let session = session.await.expect("returns").expect("it is there");

    let new = NewEpochs::generate(&SystemRandom);
    let replaced = store.end_everything_restored(&new, now).await;
    // Three users, clients and browser sessions; two consents and client sessions.
    assert_eq!(replaced.expect("returns"), 13);

    for id in [unused, online, offline] {
        assert_eq!(view(&grants, &id).await.what_ended, Some(WhatEnded::Client));
    }
    let own = cookie(&world.session.id, 0);
    assert_eq!(state(&grants, &own, now).await, SessionState::Ended);
    for n in 0..3 {
        let renewal = super::sessions::renewal(&world, n);
        store.renew_session(&renewal, now).await.expect("returns");
    }
    assert_eq!(state(&grants, &own, now).await, SessionState::Ended);
    let link = store.setup_link(&link, now).await.expect("returns");
    assert_eq!(link, SetupLinkState::Unknown);
    // Each epoch for itself: a grant that the others would let pass.
    let subject = store.subject(&world.sub).await.expect("returns");
    let user = subject.expect("it is there").epoch;
    assert_ne!(user, world.user_epoch);
    let read = store.client(&world.client_id).await.expect("returns");
    let client = read.expect("it is there").epoch;
    assert_ne!(client, world.client_epoch);
    let read = store.consent(&world.sub, &world.client_id).await;
    let read = read.expect("returns").expect("it is there");
    assert_ne!(read.epoch, consent.epoch);
    assert_eq!(
        read.scope, consent.scope,
        "what the user allowed is remembered"
    );
    let read = store.session(&world.session.id).await.expect("returns");
    let read = read.expect("it is there").session;
    assert_ne!(read.epoch, world.session.epoch);
    let read = store.client_session_named(&session.sid).await;
    let read = read.expect("returns").expect("it is there");
    assert_ne!(read.epoch, session.epoch);

    // What was disabled or withdrawn stays so; what is granted from now on is alive.
    let subject = store.subject(&disabled.sub).await.expect("returns");
    let status = subject.expect("it is there").status;
    assert_eq!(status, Status::Disabled);
    let read = store.client(&disabled.client_id).await.expect("returns");
    assert_eq!(read.expect("it is there").status, Status::Disabled);
    let read = store.consent(&withdrawn.sub, &withdrawn.client_id).await;
    assert_eq!(read.expect("returns"), None);
    (world.user_epoch, world.client_epoch) = (user, client);
    world.session = super::world::session(&world.sub, user, now);
    let started = store.start_session(&world.session, None, now).await;
    started.expect("returns");
    let id = world.redeemed(&grants).await;
    assert_eq!(view(&grants, &id).await.what_ended, None);
}
