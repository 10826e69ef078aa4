//! The cache of the provider's keys: OpenID Connect Core, section 10.1.1.

use std::time::Duration;

use countersign_client::keys::KeyPolicy;

use crate::provider::{Provider, cause, sign, signing_key};

#[tokio::test]
async fn keys_are_fetched_once_and_then_kept() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 0);
    for _ in 0..3 {
        provider
            .sign_in(&client, |_| {})
            .await
            .expect("she signs in");
    }
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 1);
}

#[tokio::test]
async fn an_unknown_kid_causes_one_fetch_and_not_one_per_token() {
    let provider = Provider::start().await;
    let long = Duration::from_secs(3600);
    let policy = KeyPolicy {
        cool_down: long,
        max_age: long,
    };
    let client = provider.client().await.with_key_policy(policy);
    for attempt in 0..20 {
        let stranger = signing_key(&format!("unknown-{attempt}"));
        let result =
            provider.sign_in_with_token(&client, |nonce| sign(&stranger, &provider.claims(nonce)));
        assert_eq!(cause(result.await), "id_token_key_unknown");
    }
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 1);
}

#[tokio::test]
async fn a_new_key_is_found_once_the_cool_down_is_over() {
    let provider = Provider::start().await;
    let policy = KeyPolicy {
        cool_down: Duration::from_millis(50),
        ..KeyPolicy::default()
    };
    let client = provider.client().await.with_key_policy(policy);
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let next = signing_key("second");
    provider.with(|shared| shared.keys.insert(0, next));
    tokio::time::sleep(Duration::from_millis(60)).await;
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("the new key is found");
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 2);
    // In the shadow of that fetch strangers cause no other.
    let stranger = signing_key("unknown");
    for _ in 0..3 {
        let result =
            provider.sign_in_with_token(&client, |nonce| sign(&stranger, &provider.claims(nonce)));
        assert!(result.await.is_err());
    }
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_after_its_time() {
    let provider = Provider::start().await;
    let policy = KeyPolicy {
        max_age: Duration::from_millis(50),
        ..KeyPolicy::default()
    };
    let client = provider.client().await.with_key_policy(policy);
    let withdrawn = provider.key();
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    let next = signing_key("second");
    provider.with(|shared| shared.keys = vec![next]);
    tokio::time::sleep(Duration::from_millis(60)).await;
    let result =
        provider.sign_in_with_token(&client, |nonce| sign(&withdrawn, &provider.claims(nonce)));
    assert_eq!(cause(result.await), "id_token_key_unknown");
}

#[tokio::test]
async fn clones_of_a_client_share_its_keys() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let twin = client.clone();
    provider
        .sign_in(&client, |_| {})
        .await
        .expect("she signs in");
    provider.sign_in(&twin, |_| {}).await.expect("she signs in");
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 1);
}
