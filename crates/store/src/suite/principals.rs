//! Users' and clients' own rows: one table of names for both (RFC 9068, section 5), compared as
//! bytes.

use super::world::{Grants, World, change_client, client, client_secrets, epoch, name, view};
use crate::clients::{Client, ClientSecrets};
use crate::grants::WhatEnded;
use crate::standing::{Standing, StandingChange, StandingOutcome, Status};
use crate::subjects::Subject;

pub async fn a_sub_and_a_client_id_are_never_equal(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let created = store.create_subject(&world.client_id, epoch(), now).await;
    assert!(!created.expect("returns"));
    let found = store.subject(&world.client_id).await;
    assert_eq!(found.expect("returns"), None);
    let created = store.create_client(&client(&world.sub)).await;
    assert!(!created.expect("returns"));
    let found = store.client(&world.sub).await;
    assert_eq!(found.expect("returns"), None);
    // Neither twice.
    let created = store.create_subject(&world.sub, epoch(), now).await;
    assert!(!created.expect("returns"));
    let created = store.create_client(&client(&world.client_id)).await;
    assert!(!created.expect("returns"));
    let subject = store.subject(&world.sub).await.expect("returns");
    let expected = Subject {
        sub: world.sub.clone(),
        epoch: world.user_epoch,
        status: Status::Active,
    };
    assert_eq!(subject, Some(expected));
    let found = store.client(&world.client_id).await.expect("returns");
    let found = found.expect("it is there");
    assert_eq!(found.epoch, world.client_epoch);
}

pub async fn names_are_compared_as_bytes(store: Grants) {
    let world = World::new(&store).await;
    let sub = name("Zoë");
    for other in [
        sub.clone(),
        sub.to_lowercase(),
        sub.to_uppercase(),
        format!("{sub} "),
        format!(" {sub}"),
        sub.replace('ë', "e"),
        sub.replace('ë', "e\u{308}"),
    ] {
        let created = store.create_subject(&other, epoch(), world.now).await;
        assert!(created.expect("returns"), "{other:?} is another name");
        let found = store.subject(&other).await.expect("returns");
        assert_eq!(found.expect("it is there").sub, other);
    }
}

pub async fn a_client_reads_back_as_it_was_written(store: Grants) {
    for (secrets, owner) in [
        (ClientSecrets::default(), None),
        (client_secrets(), Some("-5aZ_x".to_owned())),
    ] {
        let written = Client {
            secrets,
            owner,
            metadata: r#"{"client_name":"Gîte d'étape \"7\""}"#.to_owned(),
            ..client(&name("client"))
        };
        assert!(store.create_client(&written).await.expect("returns"));
        let found = store.client(&written.client_id).await.expect("returns");
        let found = found.expect("it is there");
        // The revision is the store's to give.
        let revision = found.revision;
        assert_eq!(
            found,
            Client {
                revision,
                ..written
            }
        );
    }
}

pub async fn the_standing_of_a_user_follows_every_act(store: Grants) {
    let world = World::new(&store).await;
    let read = async || {
        let found = store.subject(&world.sub).await.expect("returns");
        found.expect("it is there").standing()
    };
    follows_every_act(read, async |change| {
        let changed = store.change_subject_standing(&world.sub, &change, world.now);
        changed.await.expect("returns")
    })
    .await;
}

pub async fn the_standing_of_a_client_follows_every_act(store: Grants) {
    let world = World::new(&store).await;
    let id = world.client_id.as_str();
    let read = async || {
        let found = store.client(id).await.expect("returns");
        found.expect("it is there").standing()
    };
    follows_every_act(read, async |change| {
        let changed = store.change_client_standing(id, &change, world.now).await;
        changed.expect("returns")
    })
    .await;
    let before = store.client(id).await.expect("returns");
    let end = StandingChange::End { epoch: epoch() };
    change_client(&store, id, end, world.now + 1).await;
    let after = store.client(id).await.expect("returns");
    let (before, after) = (before.expect("it is there"), after.expect("it is there"));
    assert_eq!(after.updated_at, world.now + 1);
    assert_ne!(after.revision, before.revision);
    let expected = Client {
        epoch: after.epoch,
        revision: after.revision,
        updated_at: after.updated_at,
        ..before
    };
    assert_eq!(after, expected, "nothing else of it changed");
}

async fn follows_every_act(
    standing: impl AsyncFn() -> Standing,
    act: impl AsyncFn(StandingChange) -> StandingOutcome,
) {
    use StandingChange::{Disable, Enable, End};
    use StandingOutcome::{Changed, ChangedMeanwhile};
    use Status::{Active, Disabled};
    let [a, b, c, d, e] = std::array::from_fn(|_| epoch());
    let acts = [
        (End { epoch: a }, Changed, (a, Active)),
        (Disable { epoch: b }, Changed, (b, Disabled)),
        // An ending allows no one what is disabled.
        (End { epoch: c }, Changed, (c, Disabled)),
        (Enable { disabled_by: b }, ChangedMeanwhile, (c, Disabled)),
        (Enable { disabled_by: c }, Changed, (c, Active)),
        // A caller that lost the responses asks again: these acts have happened.
        (Enable { disabled_by: c }, Changed, (c, Active)),
        (End { epoch: c }, Changed, (c, Active)),
        (Disable { epoch: d }, Changed, (d, Disabled)),
        // One that was on its way since before that disabling comes too late.
        (Enable { disabled_by: c }, ChangedMeanwhile, (d, Disabled)),
        (Enable { disabled_by: d }, Changed, (d, Active)),
        (Disable { epoch: d }, Changed, (d, Active)),
        (Disable { epoch: e }, Changed, (e, Disabled)),
    ];
    for (change, expected, (epoch, status)) in acts {
        assert_eq!(act(change).await, expected, "{change:?}");
        let found = standing().await;
        assert_eq!(found, Standing { epoch, status }, "after {change:?}");
    }
}

pub async fn a_deleted_subject_is_gone_and_its_name_stays_taken(store: Grants) {
    let world = World::new(&store).await;
    let now = world.now;
    let offline = world.redeemed_offline(&store).await;
    let delete = || store.delete_subject(&world.sub, now);
    assert!(delete().await.expect("returns"));
    assert!(!delete().await.expect("returns"));
    let found = store.subject(&world.sub).await;
    assert_eq!(found.expect("returns"), None);
    assert_eq!(
        view(&store, &offline).await.what_ended,
        Some(WhatEnded::User)
    );
    let consents = store.consents_of(&world.sub).await;
    assert_eq!(consents.expect("returns"), []);
    let again = store.create_subject(&world.sub, world.user_epoch, now);
    assert!(!again.await.expect("returns"));
}
