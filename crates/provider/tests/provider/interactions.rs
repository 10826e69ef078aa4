//! Finishing an authorization twice: while its code is unused it is replaced, and afterwards it
//! is done.

use countersign_testing::{ALICE, Answer, Browser, TestProvider, callback};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

async fn at_consent(op: &TestProvider, browser: &mut Browser) -> Answer {
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await
}

async fn allowed(browser: &mut Browser, consent: &Answer) -> Answer {
    browser.submit(consent, &[("decision", "allow")]).await
}

fn code_of(answer: &Answer) -> String {
    answer
        .location_parameter("code")
        .unwrap_or_else(|| panic!("no code: {answer:?}"))
}

#[tokio::test]
async fn finishing_twice_replaces_the_code_while_it_is_unused() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let first = code_of(&allowed(&mut browser, &consent).await);
    let second = code_of(&allowed(&mut browser, &consent).await);
    assert_ne!(first, second);
    // The first is unknown now, and trying it costs the second nothing.
    expect::refused(
        &op.redeem("confidential", CALLBACK, &first).await,
        "invalid_grant",
    );
    let answer = op.redeem("confidential", CALLBACK, &second).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn finishing_again_after_the_code_was_used_says_that_it_is_done() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let again = allowed(&mut browser, &consent).await;
    expect::sent_back(&again, CALLBACK, "access_denied");
    let description = again.location_parameter("error_description").expect("one");
    assert!(
        description.contains("authorization_already_done"),
        "{description}"
    );
    assert!(
        expect::is_accepted(&op, &tokens.access_token).await,
        "and nothing changed"
    );
}

#[tokio::test]
async fn an_authorization_whose_grant_ended_is_not_begun_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    // Burnt by a wrong redirect_uri.
    let wrong = op
        .redeem("confidential", "https://confidential.example/x", &code)
        .await;
    expect::refused(&wrong, "invalid_grant");
    let again = allowed(&mut browser, &consent).await;
    expect::sent_back(&again, CALLBACK, "access_denied");
}

#[tokio::test]
async fn the_sign_in_page_can_be_posted_twice_as_well() {
    // A double click, or the browser's back button after a client without a consent page.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let first = code_of(
        &browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await,
    );
    let second = code_of(
        &browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await,
    );
    let refused = op
        .redeem("first-party", callback::FIRST_PARTY, &first)
        .await;
    expect::refused(&refused, "invalid_grant");
    let answer = op
        .redeem("first-party", callback::FIRST_PARTY, &second)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn denying_after_allowing_sends_the_denial_and_leaves_the_code() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    let denied = browser.submit(&consent, &[("decision", "deny")]).await;
    expect::sent_back(&denied, CALLBACK, "access_denied");
    assert_eq!(
        op.redeem("confidential", CALLBACK, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn two_authorizations_side_by_side_do_not_disturb_each_other() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let one = at_consent(&op, &mut browser).await;
    let request = op.authorization("public", callback::PUBLIC, "openid");
    let other = browser.get_with("/authorize", &request).await;
    assert_eq!(other.page_kind(), "consent", "signed in already: {other:?}");
    let one = code_of(&allowed(&mut browser, &one).await);
    let other = code_of(&allowed(&mut browser, &other).await);
    assert_eq!(
        op.redeem("public", callback::PUBLIC, &other).await.status,
        StatusCode::OK
    );
    assert_eq!(
        op.redeem("confidential", CALLBACK, &one).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_mistyped_password_leads_on_in_the_same_authorization() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let again = browser.sign_in(&login, ALICE.username, "mistyped").await;
    assert_eq!(again.page_kind(), "login");
    assert!(again.body.contains("id=\"login-alert\""), "{again:?}");
    assert!(
        again.body.contains("value=\"alice\""),
        "the name need not be typed again: {again:?}"
    );
    assert!(!again.body.contains("mistyped"), "{again:?}");
    let consent = browser
        .sign_in(&again, ALICE.username, ALICE.password)
        .await;
    code_of(&allowed(&mut browser, &consent).await);
}

#[tokio::test]
async fn the_addresses_of_pages_opened_by_hand_say_so() {
    let op = TestProvider::start().await;
    for path in ["/login", "/consent"] {
        let answer = op.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        expect::page(&answer);
    }
}

#[tokio::test]
async fn the_first_two_pages_of_a_browser_opened_at_once_both_lead_on() {
    // A session restore opens several tabs: each request leaves before the other's cookie is there.
    let op = TestProvider::start().await;
    let (mut one, mut other) = (op.browser(), op.browser());
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let first = one.get_with("/authorize", &request).await;
    let second = other.get_with("/authorize", &request).await;
    // One browser: what the second answer sets comes on top of what the first one set.
    one.cookies.extend(other.cookies);
    for login in [first, second] {
        let answer = one.sign_in(&login, ALICE.username, ALICE.password).await;
        code_of(&answer);
    }
}

#[tokio::test]
async fn a_browser_that_has_a_cookie_gets_no_other() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let first = browser.get_with("/authorize", &request).await;
    assert_eq!(first.set_cookies().len(), 1, "{first:?}");
    let second = browser.get_with("/authorize", &request).await;
    assert!(second.set_cookies().is_empty(), "{second:?}");
}

#[tokio::test]
async fn a_page_that_was_open_for_too_long_begins_the_sign_in_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    op.clock
        .advance(op.provider.site.settings.interactions.lifetime_seconds);
    let again = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(
        again.page_kind(),
        "login",
        "what was typed does not count: {again:?}"
    );
    assert!(again.body.contains("open for too long"), "{again:?}");
    let consent = browser
        .sign_in(&again, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");

    op.clock
        .advance(op.provider.site.settings.interactions.lifetime_seconds);
    let asked = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(
        asked.page_kind(),
        "consent",
        "nor does an old Allow: {asked:?}"
    );
    let back = browser.submit(&asked, &[("decision", "allow")]).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    assert_eq!(
        back.location_parameter("state").as_deref(),
        Some("the-state")
    );
}
