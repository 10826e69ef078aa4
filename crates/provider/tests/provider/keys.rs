//! Signing keys while the provider runs: a new one is seen within a second, an old one stays published.

use countersign_jose::alg::SignatureAlgorithm::{ES256, RS256};
use countersign_testing::{ALICE, TestProvider, callback, header_of};

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

async fn published(op: &TestProvider) -> Vec<String> {
    let set = op.browser().get("/jwks").await.json();
    let keys = set["keys"].as_array().expect("keys").clone();
    keys.iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

#[tokio::test]
async fn a_rotation_is_seen_within_a_second_and_signs_from_then_on() {
    let op = TestProvider::start().await;
    let before = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let old_kid = header_of(&before.id_token.expect("one"))["kid"].clone();
    let new_kid = op.rotate_key(RS256).await;

    op.clock.advance(1);
    assert!(
        published(&op).await.contains(&new_kid),
        "published no later than it signs"
    );
    let after = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let header = header_of(&after.id_token.expect("one"));
    assert_eq!(header["kid"], new_kid.as_str());
    assert_ne!(header["kid"], old_kid);
}

#[tokio::test]
async fn a_retired_key_stays_published_and_its_tokens_stay_good() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid offline_access")
        .await;
    let id_token = tokens.id_token.expect("an ID token");
    let kids = [&id_token, &tokens.access_token].map(|token| header_of(token)["kid"].to_string());
    op.rotate_key(RS256).await;
    op.rotate_key(ES256).await;
    op.clock.advance(2);

    let set = published(&op).await;
    for kid in &kids {
        assert!(
            set.contains(&kid.trim_matches('"').to_owned()),
            "{kid} of {set:?}"
        );
    }
    assert_eq!(set.len(), 6);
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = op.authorization("confidential", CALLBACK, "openid");
    request.push(("prompt", "none".to_owned()));
    request.push(("id_token_hint", id_token.clone()));
    let answer = browser.get_with("/authorize", &request).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_retired_key_is_gone_after_its_time_and_says_nothing_then() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let hint = tokens.id_token.expect("an ID token");
    let old_kid = header_of(&hint)["kid"].as_str().expect("a kid").to_owned();
    op.rotate_key(RS256).await;
    let published_seconds = op.provider.settings.keys.retired_key_published_seconds;
    op.clock.advance(published_seconds - 1);
    assert!(published(&op).await.contains(&old_kid));
    op.clock.advance(1);
    assert!(!published(&op).await.contains(&old_kid));
    let page = op
        .browser()
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    expect::sign_out_page(&page, "proof of your sign-in was not accepted");
}

#[tokio::test]
async fn a_retired_key_outlives_every_token_that_it_signed() {
    let op = TestProvider::start().await;
    let settings = &op.provider.settings;
    let longest = settings
        .tokens
        .access_token_lifetime_seconds
        .max(settings.tokens.id_token_lifetime_seconds);
    assert!(settings.keys.retired_key_published_seconds > longest);
}

#[tokio::test]
async fn a_key_that_another_process_added_is_seen_too() {
    // Two providers over one store, as two replicas have them.
    let one = TestProvider::start().await;
    let other = TestProvider::share(&one).await;
    let kid = one.rotate_key(RS256).await;
    one.clock.advance(1);
    other.clock.advance(1);
    assert_eq!(published(&one).await, published(&other).await);
    assert!(published(&other).await.contains(&kid));
    // And what one signs the other accepts.
    let tokens = one.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    assert!(expect::is_accepted(&other, &tokens.access_token).await);
}
