//! Resources that are declared in the store: read back, changed on the version that was read, one
//! of each.

use std::sync::Arc;

use countersign_jose::random::SystemRandom;

use super::Whole;
use super::races::{RACERS, count, race};
use super::world::start;
use crate::ActId;
use crate::resources::{ChangeResource, ChangeResourceOutcome, Resource};

const API: &str = "https://api.example";

fn act() -> ActId {
    ActId::generate(&SystemRandom)
}

fn creation(identifier: &str) -> ChangeResource {
    ChangeResource::Create {
        act: act(),
        identifier: identifier.to_owned(),
        attributes: "{}".to_owned(),
    }
}

fn update(of: &Resource, attributes: &str) -> ChangeResource {
    ChangeResource::Update {
        act: act(),
        identifier: of.identifier.clone(),
        version: of.version,
        attributes: attributes.to_owned(),
    }
}

fn deletion(identifier: &str) -> ChangeResource {
    ChangeResource::Delete {
        identifier: identifier.to_owned(),
    }
}

async fn change(store: &Whole, act: &ChangeResource, now: i64) -> ChangeResourceOutcome {
    store.change_resource(act, now).await.expect("returns")
}

async fn all(store: &Whole) -> Vec<Resource> {
    store.resources().await.expect("returns")
}

pub async fn resources_read_back_by_identifier(store: Whole) {
    let now = start();
    assert_eq!(all(&store).await, []);
    for identifier in ["urn:example:b", API] {
        let outcome = change(&store, &creation(identifier), now).await;
        assert_eq!(outcome, ChangeResourceOutcome::Changed);
    }
    let found = all(&store).await;
    let identifiers: Vec<&str> = found.iter().map(|one| one.identifier.as_str()).collect();
    assert_eq!(identifiers, [API, "urn:example:b"]);
    for resource in found {
        let times = (resource.created_at, resource.updated_at);
        assert_eq!((resource.attributes.as_str(), times), ("{}", (now, now)));
    }
}

pub async fn an_update_of_a_resource_needs_the_version_that_was_read(store: Whole) {
    let now = start();
    change(&store, &creation(API), now).await;
    let [first] = <[Resource; 1]>::try_from(all(&store).await).expect("one");
    let outcome = change(&store, &update(&first, r#"{"a":1}"#), now + 1).await;
    assert_eq!(outcome, ChangeResourceOutcome::Changed);
    let [second] = <[Resource; 1]>::try_from(all(&store).await).expect("one");
    assert_eq!(second.attributes, r#"{"a":1}"#);
    assert_eq!((second.created_at, second.updated_at), (now, now + 1));
    let outcome = change(&store, &update(&first, r#"{"a":2}"#), now + 2).await;
    assert_eq!(outcome, ChangeResourceOutcome::ChangedMeanwhile);
    assert_eq!(all(&store).await, std::slice::from_ref(&second));

    // One that was deleted and declared again is another one.
    change(&store, &deletion(API), now + 3).await;
    change(&store, &creation(API), now + 3).await;
    let outcome = change(&store, &update(&second, r#"{"a":3}"#), now + 4).await;
    assert_eq!(outcome, ChangeResourceOutcome::ChangedMeanwhile);
}

pub async fn a_deleted_resource_is_gone_and_may_be_declared_again(store: Whole) {
    let now = start();
    for act in [deletion(API), deletion("")] {
        let outcome = change(&store, &act, now).await;
        assert_eq!(outcome, ChangeResourceOutcome::Unknown);
    }
    change(&store, &creation(API), now).await;
    let [found] = <[Resource; 1]>::try_from(all(&store).await).expect("one");
    let outcome = change(&store, &deletion(API), now).await;
    assert_eq!(outcome, ChangeResourceOutcome::Changed);
    assert_eq!(all(&store).await, []);
    let outcome = change(&store, &update(&found, "{}"), now).await;
    assert_eq!(outcome, ChangeResourceOutcome::Unknown);
    let outcome = change(&store, &creation(API), now).await;
    assert_eq!(outcome, ChangeResourceOutcome::Changed);
}

/// RFC 3986, section 6.2.3: an origin with and without its slash.
pub async fn an_origin_is_one_resource_with_and_without_its_slash(store: Whole) {
    let now = start();
    change(&store, &creation(API), now).await;
    for taken in [API, "https://api.example/"] {
        let outcome = change(&store, &creation(taken), now).await;
        let by = API.to_owned();
        assert_eq!(outcome, ChangeResourceOutcome::Taken { by }, "{taken}");
    }
    let other = change(&store, &creation("https://api.example/v1"), now).await;
    assert_eq!(other, ChangeResourceOutcome::Changed);
    let outcome = change(&store, &deletion("https://api.example/"), now).await;
    assert_eq!(outcome, ChangeResourceOutcome::Changed);
    assert_eq!(all(&store).await.len(), 1);
}

pub async fn of_64_who_declare_one_resource_one_does(store: Whole) {
    let now = start();
    let outcomes = race(|number| {
        let store = Arc::clone(&store);
        let identifier = match number % 2 {
            0 => API,
            _ => "https://api.example/",
        };
        async move { change(&store, &creation(identifier), now).await }
    })
    .await;
    let declared = count(&outcomes, |o| *o == ChangeResourceOutcome::Changed);
    let taken = count(&outcomes, |o| {
        matches!(o, ChangeResourceOutcome::Taken { .. })
    });
    assert_eq!((declared, taken), (1, RACERS - 1), "{outcomes:?}");
    assert_eq!(all(&store).await.len(), 1);
}
