//! Documents that change, or that can't be had any more (Client ID Metadata Documents, section
//! 8.4).

use std::sync::Arc;

use countersign_testing::{ALICE, BOB, TestProvider};
use serde_json::json;

use super::{CALLBACK, PATH, SITE, Stage, document, options, site};
use crate::expect;

#[tokio::test]
async fn a_new_name_address_or_key_is_consented_to_anew() {
    for (member, value, asks) in [
        ("client_name", json!("The Bank"), true),
        (
            "redirect_uris",
            json!([SITE, "https://evil.example/"]),
            true,
        ),
        ("jwks_uri", json!("https://assistant.example/jwks"), true),
        ("software_version", json!("2"), false),
    ] {
        let stage = Stage::with(site()).await;
        let mut browser = stage.op.browser();
        stage.code(&mut browser, SITE).await;
        let answer = stage.authorize(&mut browser, SITE).await;
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        let mut changed = site();
        changed[member] = value;
        stage.publish(changed);
        // Another replica, or the same one after a restart, asks as well.
        let mut shared = options(&stage.host, |_| {});
        shared.store = Arc::clone(&stage.op.provider.store);
        let other = TestProvider::joining(shared).await;
        let request = other.authorization(&stage.client_id, SITE, "openid offline_access");
        let mut elsewhere = other.browser();
        elsewhere.cookies = browser.cookies.clone();
        let there = elsewhere.get_with("/authorize", &request).await;
        stage.op.clock.advance(301);
        let here = stage.authorize(&mut browser, SITE).await;
        for answer in [there, here] {
            match asks {
                true => assert_eq!(answer.page_kind(), "consent", "{member}: {answer:?}"),
                false => assert!(answer.location_parameter("code").is_some(), "{answer:?}"),
            }
        }
        // Once given, it is remembered again.
        if asks {
            let page = stage.authorize(&mut browser, SITE).await;
            browser.submit(&page, &[("decision", "allow")]).await;
            let answer = stage.authorize(&mut browser, SITE).await;
            assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn another_users_consent_to_a_new_document_is_not_ones_own() {
    let stage = Stage::with(site()).await;
    let mut alice = stage.op.browser();
    stage.code(&mut alice, SITE).await;
    let mut changed = site();
    changed["client_name"] = json!("The Bank");
    stage.publish(changed);
    stage.op.clock.advance(301);
    let mut bob = stage.op.browser();
    let page = stage.consent(&mut bob, &BOB, SITE).await;
    bob.submit(&page, &[("decision", "allow")]).await;
    stage.op.clock.advance(1);
    let page = stage.consent(&mut alice, &ALICE, SITE).await;
    assert!(page.body.contains("The Bank"), "{page:?}");
}

#[tokio::test]
async fn consent_counts_only_for_the_client_that_the_page_showed() {
    let stage = Stage::with(site()).await;
    let mut browser = stage.op.browser();
    let page = stage.consent(&mut browser, &ALICE, SITE).await;
    let mut changed = site();
    changed["client_name"] = json!("The Bank");
    stage.publish(changed);
    stage.op.clock.advance(301);
    // Another person makes this server fetch the new document.
    stage.authorize(&mut stage.op.browser(), SITE).await;
    let again = browser.submit(&page, &[("decision", "allow")]).await;
    assert_eq!(again.page_kind(), "consent", "{again:?}");
    assert!(again.body.contains("The Bank"), "{again:?}");
    let answer = browser.submit(&again, &[("decision", "allow")]).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_journey_goes_on_although_the_document_can_no_longer_be_had() {
    let stage = Stage::with(site()).await;
    let mut browser = stage.op.browser();
    let login = stage.authorize(&mut browser, SITE).await;
    stage.host.withdraw(PATH);
    stage.op.clock.advance(600);
    let page = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(page.page_kind(), "consent", "{page:?}");
    let answer = browser.submit(&page, &[("decision", "allow")]).await;
    let code = answer.location_parameter("code").expect("a code");
    let answer = stage.redeem(&code, SITE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn refreshes_go_on_with_the_copy_that_was_recorded() {
    let stage = Stage::with(document()).await;
    let tokens = stage.tokens(CALLBACK).await;
    stage.host.withdraw(PATH);
    stage.a_day_passes();
    let requests = stage.host.requests().len();
    let answer = stage.refresh(&tokens).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(stage.host.requests().len(), requests + 1, "it was tried");
    // The host is not asked again by each of them.
    let answer = stage.refresh(&answer.tokens()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(stage.host.requests().len(), requests + 1);
    // After a restart nothing but the record is there.
    let mut shared = options(&stage.host, |_| {});
    shared.store = Arc::clone(&stage.op.provider.store);
    let other = TestProvider::joining(shared).await;
    let refresh_token = answer.tokens().refresh_token.expect("a refresh token");
    other.clock.advance(86_401);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("client_id", stage.client_id.as_str()),
    ];
    let answer = other.browser().post("/token", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // A new sign-in needs the document itself.
    expect::page(&stage.authorize(&mut stage.op.browser(), CALLBACK).await);
}

#[tokio::test]
async fn a_client_that_no_one_consented_to_is_unknown_at_the_token_endpoint_and_not_fetched() {
    let stage = Stage::with(document()).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "cs_rt_x"),
    ];
    expect::refused(&stage.token(&form).await, "invalid_client");
    assert_eq!(stage.host.requests().len(), 0);
}
