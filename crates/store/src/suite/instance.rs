//! What a database knows of itself.

use std::sync::Arc;

use super::Whole;
use super::races::race;
use super::world::{name, start};
use crate::instance::Instance;

fn proposal() -> Instance {
    Instance {
        id: name("i"),
        issuer: "https://login.example".to_owned(),
        key_check: vec![0, 1, 2, 255],
        pairwise_key: vec![3, 0, 254],
        created_at: start(),
    }
}

pub async fn the_first_instance_stays(store: Whole) {
    assert_eq!(store.instance().await.expect("returns"), None);
    let (first, second) = (proposal(), proposal());
    for proposed in [&first, &second] {
        let adopted = store.adopt_instance(proposed).await;
        assert_eq!(adopted.expect("returns"), first);
    }
    assert_eq!(store.instance().await.expect("returns"), Some(first));
}

pub async fn of_64_that_start_at_once_all_adopt_one_instance(store: Whole) {
    let outcomes = race(|_| {
        let store = Arc::clone(&store);
        async move { store.adopt_instance(&proposal()).await.expect("returns") }
    })
    .await;
    let kept = store.instance().await.expect("returns");
    let kept = kept.expect("one was adopted");
    assert!(outcomes.iter().all(|adopted| *adopted == kept));
}

pub async fn an_idle_store_is_ready(store: Whole) {
    store.ready().await.expect("it takes a write");
    store.clock_milliseconds().await.expect("returns");
}
