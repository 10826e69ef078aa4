//! Managing clients: updates, standing, listing, deletion (RFC 7591, RFC 7592).

use std::sync::Arc;

use super::races::{count, race};
use super::world::{World, change_client, client, client_secrets, epoch, name, view};
use super::{Whole, grants_of};
use crate::clients::{Client, ClientSecrets, ClientStanding, UpdateClient, UpdateClientOutcome};
use crate::grants::WhatEnded;
use crate::standing::{StandingChange, Status};
use crate::users::Replacement;

pub async fn an_update_replaces_metadata_and_revision(store: Whole) {
    let world = World::new(&grants_of(&store)).await;
    let id = world.client_id.as_str();
    let read = async || {
        let found = store.client(id).await.expect("returns");
        found.expect("it is there")
    };
    let before = read().await;
    let at = world.now + 1;
    let metadata = r#"{"client_name":"another"}"#;
    let act = UpdateClient {
        metadata: Some(metadata.to_owned()),
        ..change(&before)
    };
    let done = store.update_client(&act, at).await;
    assert_eq!(done.expect("returns"), UpdateClientOutcome::Updated);
    let after = read().await;
    assert_eq!(after.metadata, metadata);
    assert_eq!(
        (after.secrets, after.updated_at),
        (before.secrets.clone(), at)
    );
    assert_eq!((after.epoch, after.status), (before.epoch, before.status));
    assert_eq!(after.created_at, before.created_at);
    assert_ne!(after.revision, before.revision);
    for secrets in [client_secrets(), ClientSecrets::default()] {
        let act = UpdateClient {
            secrets: Some(secrets.clone()),
            ..change(&read().await)
        };
        let done = store.update_client(&act, at).await;
        assert_eq!(done.expect("returns"), UpdateClientOutcome::Updated);
        let after = read().await;
        assert_eq!(
            (after.secrets, after.metadata.as_str()),
            (secrets, metadata)
        );
    }
    for (owner, expected) in [
        (Some(Replacement::Set("alice".to_owned())), Some("alice")),
        (None, Some("alice")),
        (Some(Replacement::Remove), None),
    ] {
        let act = UpdateClient {
            owner,
            ..change(&read().await)
        };
        let done = store.update_client(&act, at).await;
        assert_eq!(done.expect("returns"), UpdateClientOutcome::Updated);
        let after = read().await;
        assert_eq!(
            (after.owner.as_deref(), after.metadata.as_str()),
            (expected, metadata)
        );
    }
    let act = UpdateClient {
        client_id: "nobody".to_owned(),
        ..change(&before)
    };
    let done = store.update_client(&act, at).await;
    assert_eq!(done.expect("returns"), UpdateClientOutcome::Unknown);
    let online = world.redeemed(&grants_of(&store)).await;
    let what_ended = view(&grants_of(&store), &online).await.what_ended;
    assert_eq!(what_ended, None, "an update ends nothing");
}

pub async fn an_update_of_a_client_that_changed_meanwhile_changes_nothing(store: Whole) {
    let world = World::new(&grants_of(&store)).await;
    let id = world.client_id.as_str();
    let read = async || {
        let found = store.client(id).await.expect("returns");
        found.expect("it is there")
    };
    let before = read().await;
    let stale = UpdateClient {
        metadata: Some(r#"{"client_name":"stale"}"#.to_owned()),
        secrets: Some(client_secrets()),
        ..change(&before)
    };
    let end = StandingChange::End { epoch: epoch() };
    change_client(&grants_of(&store), id, end, world.now).await;
    let changed = read().await;
    let done = store.update_client(&stale, world.now + 1).await;
    assert_eq!(
        done.expect("returns"),
        UpdateClientOutcome::ChangedMeanwhile
    );
    assert_eq!(read().await, changed);

    let current = change(&changed);
    let outcomes = race(|_| {
        let (store, act) = (Arc::clone(&store), current.clone());
        async move { store.update_client(&act, 0).await.expect("returns") }
    })
    .await;
    let updated = count(&outcomes, |outcome| {
        *outcome == UpdateClientOutcome::Updated
    });
    assert_eq!(updated, 1, "one of the racers that read the same");
}

pub async fn resealed_secrets_change_a_client_to_no_one(store: Whole) {
    let world = World::new(&grants_of(&store)).await;
    let id = world.client_id.as_str();
    let before = store.client(id).await.expect("returns").expect("is there");
    let reseal = async |id: &str, revision| {
        let secrets = client_secrets();
        let written = store.reseal_client_secrets(id, revision, &secrets);
        written.await.expect("returns")
    };
    let done = reseal(id, before.revision).await;
    assert_eq!(done, UpdateClientOutcome::Updated);
    let after = store.client(id).await.expect("returns").expect("is there");
    assert_ne!(
        after.revision, before.revision,
        "what is cached is read again"
    );
    let expected = Client {
        secrets: client_secrets(),
        revision: after.revision,
        ..before.clone()
    };
    assert_eq!(after, expected);
    let stale = reseal(id, before.revision).await;
    assert_eq!(stale, UpdateClientOutcome::ChangedMeanwhile);
    let unknown = reseal("nobody", before.revision).await;
    assert_eq!(unknown, UpdateClientOutcome::Unknown);
}

/// A change of nothing, based on what was read.
fn change(read: &Client) -> UpdateClient {
    UpdateClient {
        client_id: read.client_id.clone(),
        revision: read.revision,
        metadata: None,
        secrets: None,
        owner: None,
    }
}

pub async fn a_standing_follows_every_change(store: Whole) {
    let world = World::new(&grants_of(&store)).await;
    let (id, now) = (world.client_id.as_str(), world.now);
    let standing = async || store.client_standing(id).await.expect("returns");
    let mut revisions = Vec::new();
    let mut expect = async |epoch, status| {
        let found = standing().await.expect("it is there");
        let revision = found.revision;
        assert!(!revisions.contains(&revision), "a change replaces it");
        revisions.push(revision);
        let expected = ClientStanding {
            epoch,
            status,
            revision,
        };
        assert_eq!(found, expected);
    };
    expect(world.client_epoch, Status::Active).await;
    let new = epoch();
    let grants = grants_of(&store);
    change_client(&grants, id, StandingChange::Disable { epoch: new }, now).await;
    expect(new, Status::Disabled).await;
    let enable = StandingChange::Enable { disabled_by: new };
    change_client(&grants, id, enable, now).await;
    expect(new, Status::Active).await;
    let read = store.client(id).await.expect("returns");
    let act = change(&read.expect("it is there"));
    let done = store.update_client(&act, now).await;
    assert_eq!(done.expect("returns"), UpdateClientOutcome::Updated);
    expect(new, Status::Active).await;
    let none = store.client_standing("nobody").await;
    assert_eq!(none.expect("returns"), None);
}

pub async fn what_ended_stays_ended_when_a_client_is_enabled(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let (id, now) = (world.client_id.as_str(), world.now);
    let online = world.redeemed(&grants).await;
    let disabled_by = epoch();
    let disable = StandingChange::Disable { epoch: disabled_by };
    change_client(&grants, id, disable, now).await;
    let enable = StandingChange::Enable { disabled_by };
    change_client(&grants, id, enable, now).await;
    let what_ended = view(&grants, &online).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::Client));
}

pub async fn a_deleted_clients_id_is_never_given_again(store: Whole) {
    let grants = grants_of(&store);
    let world = World::new(&grants).await;
    let (id, now) = (world.client_id.as_str(), world.now);
    let online = world.redeemed(&grants).await;
    assert!(store.delete_client(id, now).await.expect("returns"));
    assert!(!store.delete_client(id, now).await.expect("returns"));
    assert_eq!(store.client(id).await.expect("returns"), None);
    let standing = store.client_standing(id).await.expect("returns");
    assert_eq!(standing, None);
    let what_ended = view(&grants, &online).await.what_ended;
    assert_eq!(what_ended, Some(WhatEnded::Client));
    // Even under the same epoch nothing would come back, because no one gets the name.
    let mut again = client(id);
    again.epoch = world.client_epoch;
    assert!(!store.create_client(&again).await.expect("returns"));
    let created = store.create_subject(id, epoch(), now).await;
    assert!(!created.expect("returns"));
}

pub async fn clients_are_listed_by_id_in_pages(store: Whole) {
    let mut expected: Vec<String> = (0..5).map(|_| name("client")).collect();
    for id in &expected {
        assert!(store.create_client(&client(id)).await.expect("returns"));
    }
    expected.sort();
    let mut listed = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.list_clients(&after, 2).await.expect("returns");
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after.clone_from(&last.client_id);
        listed.extend(page.into_iter().map(|client| client.client_id));
    }
    assert_eq!(listed, expected);
}
