//! An operator vouches for a client while it changes itself: what they have not seen is never
//! vouched for (RFC 7592, section 2.2).

use std::sync::Arc;

use countersign_store::Store;
use countersign_store::clients::{UpdateClient, UpdateClientOutcome};
use countersign_store::memory::Memory;
use countersign_testing::{Answer, Browser, ObservedStore, Options, TestProvider};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::register::{CALLBACK, management, register, send, shop};

async fn observed() -> (TestProvider, Arc<ObservedStore>) {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::with(|settings| settings.registration.open = true)
    };
    (TestProvider::start_with(options).await, store)
}

/// A client that no one vouches for.
async fn registered(op: &TestProvider) -> (Value, String) {
    let registered = register(op, None, &shop()).await.json();
    let client_id = registered["client_id"].as_str().expect("an id").to_owned();
    (registered, client_id)
}

async fn update(store: &dyn Store, client_id: &str, metadata: Option<&str>) {
    let client = store.client(client_id).await.expect("the store responds");
    let act = UpdateClient {
        client_id: client_id.to_owned(),
        revision: client.expect("is registered").revision,
        metadata: metadata.map(str::to_owned),
        secrets: None,
        owner: None,
    };
    let outcome = store.update_client(&act, 0).await;
    assert_eq!(outcome.expect("responds"), UpdateClientOutcome::Updated);
}

/// What `client vouch` does.
async fn vouch(store: &dyn Store, client_id: &str) {
    let vouched = store.set_vouched(client_id, true).await;
    assert!(vouched.expect("responds"), "it registered itself");
    update(store, client_id, None).await;
}

async fn renamed(op: &TestProvider, registered: &Value) -> Answer {
    let (path, token) = management(registered);
    let mut change = registered.clone();
    change["client_name"] = json!("The Bank");
    send(op, Method::PUT, &path, Some(&token), Some(&change)).await
}

async fn is_bank(op: &TestProvider, client_id: &str) -> bool {
    let client = op.provider.store.client(client_id).await.expect("responds");
    client.expect("is registered").metadata.contains("The Bank")
}

async fn is_vouched(op: &TestProvider, client_id: &str) -> bool {
    let known = op.clients().await.is_vouched(client_id).await;
    known.expect("responds").expect("it registered itself")
}

#[tokio::test]
async fn a_change_that_began_before_an_operator_vouched_is_not_written() {
    let (op, store) = observed().await;
    let (registered, client_id) = registered(&op).await;
    let id = client_id.clone();
    store.before("update_client", |store| async move {
        vouch(&*store, &id).await;
    });
    let answer = renamed(&op, &registered).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert!(!is_bank(&op, &client_id).await);
    assert!(is_vouched(&op, &client_id).await, "for what was seen");
}

#[tokio::test]
async fn an_operator_who_vouches_while_the_client_is_read_vouches_for_no_change() {
    for act in ["client", "registration"] {
        let (op, store) = observed().await;
        let (registered, client_id) = registered(&op).await;
        let id = client_id.clone();
        store.before(act, |store| async move {
            vouch(&*store, &id).await;
        });
        renamed(&op, &registered).await;
        assert!(store.is_quiet());
        let both = is_bank(&op, &client_id).await && is_vouched(&op, &client_id).await;
        assert!(!both, "{act}");
    }
}

async fn is_redirected_to(op: &TestProvider, browser: &mut Browser, client_id: &str) -> bool {
    let mut request = op.authorization(client_id, CALLBACK, "openid");
    request.push(("prompt", "none".to_owned()));
    let answer = browser.get_with("/authorize", &request).await;
    answer.location().is_some()
}

/// A vouching that fails leaves nothing behind, in what is cached of the client either.
#[tokio::test]
async fn what_changed_while_an_operator_vouched_is_not_cached_as_vouched_for() {
    let (op, store) = observed().await;
    let op = Arc::new(op);
    let (registered, client_id) = registered(&op).await;
    let mut change = registered.clone();
    change["client_name"] = json!("The Bank");
    let (id, seen_by, watched) = (client_id.clone(), Arc::clone(&op), Arc::clone(&store));
    store.before("update_client", move |store| async move {
        update(&*store, &id, Some(&change.to_string())).await;
        watched.before("set_vouched", move |_| async move {
            is_redirected_to(&seen_by, &mut seen_by.browser(), &id).await;
        });
    });
    let now = op.provider.now();
    let vouched = op.clients().await.vouch(&client_id, now).await;
    assert!(vouched.is_err(), "the client changed meanwhile");
    assert!(store.is_quiet());
    assert!(!is_redirected_to(&op, &mut op.browser(), &client_id).await);
}
