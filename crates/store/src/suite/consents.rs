//! Consents: they grow, keep their epoch while they stand, and take another after a withdrawal.

use super::world::{Grants, SCOPE, World, epoch, redeem, view};
use crate::consents::{Consent, ConsentBasis, ConsentStep};
use crate::grants::{RedeemOutcome, WhatEnded};

async fn consent(store: &Grants, world: &World) -> Option<Consent> {
    let consent = store.consent(&world.sub, &world.client_id).await;
    consent.expect("returns")
}

pub async fn a_consent_grows_under_one_epoch(store: Grants) {
    let world = World::new(&store).await;
    assert_eq!(consent(&store, &world).await, None);
    let first = world.issue();
    let ConsentStep::Record { proposed_epoch, .. } = first.consent else {
        panic!("the first grant records it");
    };
    world.carry_out_issue(&store, &first).await;
    let mut expected = Consent {
        sub: world.sub.clone(),
        client_id: world.client_id.clone(),
        epoch: proposed_epoch,
        basis: ConsentBasis::User,
        scope: SCOPE.to_owned(),
        given_to: String::new(),
        updated_at: world.now,
    };
    assert_eq!(consent(&store, &world).await, Some(expected.clone()));

    let mut second = world.issue();
    second.consent = ConsentStep::Record {
        scope: "email openid".to_owned(),
        given_to: String::new(),
        proposed_epoch: epoch(),
    };
    let issued = store.issue_code(&second, world.now + 1).await;
    issued.expect("returns");
    expected.scope = "openid profile email".to_owned();
    expected.updated_at = world.now + 1;
    assert_eq!(consent(&store, &world).await, Some(expected));
    for act in [&first, &second] {
        let found = view(&store, &act.grant.id).await;
        assert_eq!(found.grant.parents.consent, proposed_epoch);
        assert_eq!(found.what_ended, None);
    }
}

pub async fn a_consent_to_a_client_that_looks_otherwise_begins_anew(store: Grants) {
    let world = World::new(&store).await;
    let old = world.issued(&store).await;
    let before = consent(&store, &world).await.expect("recorded");
    let mut act = world.issue();
    act.consent = ConsentStep::Record {
        scope: "email".to_owned(),
        given_to: "another name".to_owned(),
        proposed_epoch: epoch(),
    };
    let new = world.carry_out_issue(&store, &act).await;
    let after = consent(&store, &world).await.expect("recorded");
    assert_eq!(after.scope, "email");
    assert_eq!(after.given_to, "another name");
    assert_eq!(after.epoch, before.epoch, "what was issued before goes on");
    for id in [old, new] {
        assert_eq!(view(&store, &id).await.what_ended, None);
    }
}

pub async fn a_grant_may_rest_on_a_consent_without_changing_it(store: Grants) {
    let world = World::new(&store).await;
    world.issued(&store).await;
    let before = consent(&store, &world).await.expect("recorded");
    let mut act = world.issue();
    act.consent = ConsentStep::Rest;
    act.grant.parents.consent = before.epoch;
    let issued = store.issue_code(&act, world.now + 1).await;
    issued.expect("returns");
    assert_eq!(view(&store, &act.grant.id).await.what_ended, None);
    assert_eq!(consent(&store, &world).await, Some(before));
}

pub async fn a_skipped_consent_remembers_nothing_and_promotes_nothing(store: Grants) {
    let world = World::new(&store).await;
    let skip = |proposed_epoch| ConsentStep::Skip { proposed_epoch };
    let mut first = world.issue();
    let proposed = epoch();
    first.consent = skip(proposed);
    world.carry_out_issue(&store, &first).await;
    let skipped = consent(&store, &world).await.expect("it is there");
    let read = (skipped.basis, skipped.scope.as_str(), skipped.epoch);
    assert_eq!(read, (ConsentBasis::Operator, "", proposed));
    // Skipped once more it stays as it is; then the user allows less than was skipped.
    let mut again = world.issue();
    again.consent = skip(epoch());
    world.carry_out_issue(&store, &again).await;
    assert_eq!(consent(&store, &world).await, Some(skipped));
    let mut less = world.issue();
    less.consent = ConsentStep::Record {
        scope: "openid".to_owned(),
        given_to: String::new(),
        proposed_epoch: epoch(),
    };
    world.carry_out_issue(&store, &less).await;
    let given = consent(&store, &world).await.expect("it is there");
    let read = (given.basis, given.scope.as_str(), given.epoch);
    assert_eq!(read, (ConsentBasis::User, "openid", proposed));
    // What the user gave stays the user's, whatever is skipped afterwards.
    let mut after = world.issue();
    after.consent = skip(epoch());
    world.carry_out_issue(&store, &after).await;
    assert_eq!(consent(&store, &world).await, Some(given));
    for act in [first, again, less, after] {
        let found = view(&store, &act.grant.id).await;
        assert_eq!(
            (found.grant.parents.consent, found.what_ended),
            (proposed, None)
        );
    }
}

pub async fn what_rests_on_no_consent_is_invalid_from_the_start(store: Grants) {
    let world = World::new(&store).await;
    let mut act = world.issue_offline();
    act.consent = ConsentStep::Rest;
    let id = world.carry_out_issue(&store, &act).await;
    let outcome = redeem(&store, &world.redeem(id), world.now).await;
    assert_eq!(outcome, RedeemOutcome::Ended(WhatEnded::Consent));
    assert_eq!(consent(&store, &world).await, None);
}

pub async fn a_consent_given_again_does_not_revive_what_ended(store: Grants) {
    let world = World::new(&store).await;
    let old = world.redeemed(&store).await;
    let first = consent(&store, &world).await.expect("recorded");
    let withdraw = || store.withdraw_consent(&world.sub, &world.client_id, world.now);
    assert!(withdraw().await.expect("returns"));
    assert!(!withdraw().await.expect("returns"));
    assert_eq!(consent(&store, &world).await, None);
    let mut act = world.issue();
    act.consent = ConsentStep::Record {
        scope: "email".to_owned(),
        given_to: String::new(),
        proposed_epoch: epoch(),
    };
    let new = world.carry_out_issue(&store, &act).await;
    let again = consent(&store, &world).await.expect("recorded again");
    assert_ne!(again.epoch, first.epoch);
    assert_eq!(again.scope, "email", "what was withdrawn is forgotten");
    assert_eq!(view(&store, &new).await.what_ended, None);
    assert_eq!(
        view(&store, &old).await.what_ended,
        Some(WhatEnded::Consent)
    );
}

pub async fn a_users_consents_are_listed_by_client(store: Grants) {
    let world = World::new(&store).await;
    let neighbour = world.neighbour(&store).await;
    neighbour.issued(&store).await;
    let listed = store.consents_of(&world.sub).await.expect("returns");
    assert_eq!(listed, []);
    let mut clients = vec![world.client_id.clone()];
    world.issued(&store).await;
    for _ in 0..3 {
        let other = World::new(&store).await;
        let mut act = world.issue();
        act.grant.client_id.clone_from(&other.client_id);
        act.grant.parents.client = other.client_epoch;
        world.carry_out_issue(&store, &act).await;
        clients.push(other.client_id);
    }
    clients.sort();
    let listed = async || {
        let listed = store.consents_of(&world.sub).await.expect("returns");
        assert!(listed.iter().all(|consent| consent.sub == world.sub));
        let listed = listed.into_iter().map(|consent| consent.client_id);
        listed.collect::<Vec<String>>()
    };
    assert_eq!(listed().await, clients);
    let withdrawn = clients.remove(1);
    let done = store.withdraw_consent(&world.sub, &withdrawn, world.now);
    assert!(done.await.expect("returns"));
    assert_eq!(listed().await, clients);
}
