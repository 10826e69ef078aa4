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

pub async fn what_is_sealed_under_the_master_key_is_replaced_once(store: Whole) {
    let first = proposal();
    let replace = async |before: &Instance, after: &Instance| {
        let replaced = store.replace_sealed(before, after).await;
        replaced.expect("returns")
    };
    let with = |key_check: u8, pairwise_key: u8| Instance {
        key_check: vec![key_check],
        pairwise_key: vec![pairwise_key],
        ..first.clone()
    };
    assert!(!replace(&first, &with(1, 2)).await, "there is none");
    store.adopt_instance(&first).await.expect("returns");
    assert!(
        !replace(&with(7, 7), &with(1, 2)).await,
        "it is another one"
    );
    let half = Instance {
        pairwise_key: vec![7],
        ..first.clone()
    };
    assert!(
        !replace(&half, &with(1, 2)).await,
        "one of the two is another"
    );
    assert!(replace(&first, &with(1, 2)).await);
    assert!(!replace(&first, &with(3, 4)).await, "it was replaced");
    assert_eq!(store.instance().await.expect("returns"), Some(with(1, 2)));
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
