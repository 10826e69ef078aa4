//! Clients that register themselves (RFC 7591, RFC 7592).

use std::sync::Arc;

use super::Whole;
use super::races::{RACERS, race};
use super::world::{client, guess, name, start};
use crate::SecretHash;
use crate::registration::{InitialAccessToken, RegisterClient, RegisterOutcome, Registration};

fn registering(token: Option<&InitialAccessToken>) -> RegisterClient {
    RegisterClient {
        client: client(&name("client")),
        registration: Registration {
            token: guess(),
            predecessor: None,
            vouched: token.is_some(),
        },
        initial_access_token: token.map(|token| token.hash),
    }
}

fn token(uses_left: Option<i64>, expires_at: Option<i64>) -> InitialAccessToken {
    InitialAccessToken {
        id: name("token"),
        hash: guess(),
        note: Some("for the \"shop\"".to_owned()),
        expires_at,
        uses_left,
        created_at: start(),
    }
}

async fn register(store: &Whole, act: &RegisterClient, now: i64) -> RegisterOutcome {
    store.register_client(act, now).await.expect("returns")
}

async fn put(store: &Whole, token: &InitialAccessToken) {
    let put = store.create_initial_access_token(token, start()).await;
    put.expect("returns");
}

pub async fn a_registration_reads_back_and_goes_with_its_client(store: Whole) {
    let act = registering(None);
    let client_id = act.client.client_id.as_str();
    assert_eq!(store.registration(client_id).await.expect("returns"), None);
    assert_eq!(
        register(&store, &act, start()).await,
        RegisterOutcome::Registered
    );
    let found = store.registration(client_id).await.expect("returns");
    assert_eq!(found, Some(act.registration));
    let found = store.client(client_id).await.expect("returns");
    assert_eq!(
        found.map(|client| client.metadata),
        Some(act.client.metadata.clone())
    );
    let again = register(&store, &act, start()).await;
    assert_eq!(again, RegisterOutcome::ClientIdTaken);
    let deleted = store.delete_client(client_id, start()).await;
    assert!(deleted.expect("returns"));
    assert_eq!(store.registration(client_id).await.expect("returns"), None);
    let again = register(&store, &act, start()).await;
    assert_eq!(
        again,
        RegisterOutcome::ClientIdTaken,
        "an id is never given again"
    );
    assert_eq!(store.registration(client_id).await.expect("returns"), None);
}

pub async fn an_initial_access_token_registers_as_often_as_it_says(store: Whole) {
    let now = start();
    let (twice, always) = (token(Some(2), Some(now + 10)), token(None, None));
    put(&store, &twice).await;
    put(&store, &always).await;
    let mut all = vec![twice.clone(), always.clone()];
    all.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(store.initial_access_tokens().await.expect("returns"), all);
    for expected in [
        RegisterOutcome::Registered,
        RegisterOutcome::Registered,
        RegisterOutcome::TokenRefused,
    ] {
        let act = registering(Some(&twice));
        assert_eq!(register(&store, &act, now).await, expected);
        let found = store.client(&act.client.client_id).await.expect("returns");
        assert_eq!(found.is_some(), expected == RegisterOutcome::Registered);
        assert_eq!(
            register(&store, &registering(Some(&always)), now + 100).await,
            RegisterOutcome::Registered
        );
    }
    let unknown = token(None, None);
    let refused = register(&store, &registering(Some(&unknown)), now).await;
    assert_eq!(refused, RegisterOutcome::TokenRefused);
    let expiring = token(None, Some(now + 10));
    put(&store, &expiring).await;
    let act = registering(Some(&expiring));
    assert_eq!(
        register(&store, &act, now + 10).await,
        RegisterOutcome::TokenRefused
    );
    assert_eq!(
        register(&store, &act, now + 9).await,
        RegisterOutcome::Registered
    );
    let deleted = store.delete_initial_access_token(&always.id, now).await;
    assert!(deleted.expect("returns"));
    let deleted = store.delete_initial_access_token(&always.id, now).await;
    assert!(!deleted.expect("returns"));
    let refused = register(&store, &registering(Some(&always)), now).await;
    assert_eq!(refused, RegisterOutcome::TokenRefused);
}

pub async fn a_taken_id_uses_no_initial_access_token(store: Whole) {
    let once = token(Some(1), None);
    put(&store, &once).await;
    let first = registering(None);
    assert_eq!(
        register(&store, &first, start()).await,
        RegisterOutcome::Registered
    );
    let mut second = registering(Some(&once));
    second.client.client_id.clone_from(&first.client.client_id);
    assert_eq!(
        register(&store, &second, start()).await,
        RegisterOutcome::ClientIdTaken
    );
    let act = registering(Some(&once));
    assert_eq!(
        register(&store, &act, start()).await,
        RegisterOutcome::Registered
    );
}

pub async fn of_64_who_register_with_a_token_for_one_client_one_does(store: Whole) {
    let once = token(Some(1), None);
    put(&store, &once).await;
    let outcomes = race(|_| {
        let (store, act) = (Arc::clone(&store), registering(Some(&once)));
        async move { register(&store, &act, start()).await }
    })
    .await;
    let is_registered = |outcome: &&RegisterOutcome| **outcome == RegisterOutcome::Registered;
    assert_eq!(outcomes.iter().filter(is_registered).count(), 1);
    let is_refused = |outcome: &&RegisterOutcome| **outcome == RegisterOutcome::TokenRefused;
    assert_eq!(outcomes.iter().filter(is_refused).count(), RACERS - 1);
}

/// The response that has the new token may be lost, so the old one is accepted until the new one is
/// used.
pub async fn a_registration_token_is_replaced_once_its_successor_is_used(store: Whole) {
    let act = registering(None);
    assert_eq!(
        register(&store, &act, start()).await,
        RegisterOutcome::Registered
    );
    let (client_id, first) = (act.client.client_id.as_str(), act.registration.token);
    let rotate = async |presented: &SecretHash, next: &SecretHash| {
        let rotated = store.rotate_registration_token(client_id, presented, next);
        rotated.await.expect("returns")
    };
    let settle = async |presented: &SecretHash| {
        let settled = store.settle_registration_token(client_id, presented).await;
        settled.expect("returns");
    };
    let accepts = async |token: &SecretHash| {
        let found = store.registration(client_id).await.expect("returns");
        found.expect("it is there").accepts(token)
    };
    let (second, third, fourth) = (guess(), guess(), guess());
    assert!(!rotate(&second, &third).await, "unknown");
    assert!(rotate(&first, &second).await);
    assert!(accepts(&first).await && accepts(&second).await);
    // It was lost; the client tries again with the one that it has.
    assert!(rotate(&first, &third).await);
    assert!(accepts(&first).await && accepts(&third).await && !accepts(&second).await);
    settle(&first).await;
    assert!(accepts(&first).await, "only the successor settles");
    settle(&third).await;
    assert!(!accepts(&first).await && accepts(&third).await);
    assert!(!rotate(&first, &fourth).await);
    let unknown = store.rotate_registration_token("nothing", &third, &fourth);
    assert!(!unknown.await.expect("returns"));
}

pub async fn a_voucher_is_given_and_withdrawn_and_nothing_else_changes(store: Whole) {
    let act = registering(None);
    let registered = register(&store, &act, start()).await;
    assert_eq!(registered, RegisterOutcome::Registered);
    let client_id = act.client.client_id.as_str();
    for vouched in [true, true, false] {
        let known = store.set_vouched(client_id, vouched).await;
        assert!(known.expect("returns"));
        let found = store.registration(client_id).await.expect("returns");
        let expected = Registration {
            vouched,
            ..act.registration
        };
        assert_eq!(found, Some(expected));
    }
    let known = store.set_vouched("nothing", true).await;
    assert!(!known.expect("returns"));
}

pub async fn of_64_rotations_of_a_registration_token_one_has_the_current_one(store: Whole) {
    let act = registering(None);
    assert_eq!(
        register(&store, &act, start()).await,
        RegisterOutcome::Registered
    );
    let (client_id, presented) = (act.client.client_id.clone(), act.registration.token);
    let nexts: Vec<SecretHash> = race(|_| {
        let (store, client_id, next) = (Arc::clone(&store), client_id.clone(), guess());
        async move {
            let rotated = store.rotate_registration_token(&client_id, &presented, &next);
            assert!(
                rotated.await.expect("returns"),
                "the predecessor is accepted"
            );
            next
        }
    })
    .await;
    let found = store.registration(&client_id).await.expect("returns");
    let found = found.expect("it is there");
    let accepted = nexts.iter().filter(|next| found.accepts(next)).count();
    assert_eq!(accepted, 1);
    assert_eq!(found.predecessor, Some(presented));
}
