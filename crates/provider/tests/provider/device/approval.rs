//! The page that asks about a device's request, and its answer (RFC 8628, sections 3.3 and 5.4).

use std::sync::Arc;

use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, BOB, Breakage, Browser, ObservedStore, Options, TestProvider,
};
use http::StatusCode;

use crate::device_flow::{
    METADATA, TELEVISION, answered, approval_page, approved, codes, enter, poll, request, start,
    start_with,
};
use crate::expect;

#[track_caller]
fn over(answer: &Answer) {
    assert_eq!(answer.page_kind(), "error", "{answer:?}");
    let heading = answer.error_heading();
    assert_eq!(heading.as_deref(), Some("This request is no longer valid"));
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_from_where_and_warns() {
    let op = start().await;
    let mut device = op.browser();
    device.address = Some("203.0.113.7:1000".parse().expect("an address"));
    let body = request(&mut device, &[("scope", "openid email reports")]).await;
    let body = body.json();
    let user_code = body["user_code"].as_str().expect("a text");
    op.clock.advance(130);
    let mut browser = op.browser();
    browser.address = Some("198.51.100.1:1000".parse().expect("an address"));
    let page = approval_page(&mut browser, &ALICE, user_code).await;
    let text = page.body.replace("<bdi>", "").replace("</bdi>", "");
    for expected in [
        "Connect Living Room TV on another device?",
        "If someone sent you this code or asked you to enter it, don’t allow this",
        ALICE.name,
        "203.0.113.7",
        "Television/1.0",
        "2 minutes ago",
        "from a different network than yours (198.51.100.1)",
        "See your email address",
        "Read your reports",
        "The device stays connected",
    ] {
        assert!(text.contains(expected), "{expected}: {page:?}");
    }
    let deny = text.find("id=\"device-deny\"").expect("a button");
    let allow = text.find("id=\"device-allow\"").expect("a button");
    assert!(deny < allow, "the way out comes first");
}

#[tokio::test]
async fn the_page_says_nothing_of_networks_if_they_are_the_same_or_not_known() {
    let op = start().await;
    for (there, here) in [
        (Some("203.0.113.7:1000"), Some("203.0.113.99:1000")),
        (Some("203.0.113.7:1000"), None),
        (None, Some("203.0.113.99:1000")),
    ] {
        let parse = |address: &str| address.parse().expect("an address");
        let mut device = op.browser();
        device.address = there.map(parse);
        let body = request(&mut device, &[]).await.json();
        let mut browser = op.browser();
        browser.address = here.map(parse);
        let user_code = body["user_code"].as_str().expect("a text");
        let page = approval_page(&mut browser, &ALICE, user_code).await;
        assert!(!page.body.contains("id=\"device-elsewhere\""), "{page:?}");
    }
}

#[tokio::test]
async fn what_the_device_calls_itself_is_text() {
    let op = start().await;
    let form = [("client_id", TELEVISION)];
    let name = format!("<b>TV</b> {}", "x".repeat(500));
    let headers = [("user-agent", name)];
    let mut device = op.browser();
    let body = device.post_with("/device_authorization", &form, &headers);
    let body = body.await.json();
    let user_code = body["user_code"].as_str().expect("a text");
    let page = approval_page(&mut op.browser(), &ALICE, user_code).await;
    assert!(!page.body.contains("<b>TV"), "{page:?}");
    assert!(page.body.contains("&lt;b&gt;TV"), "{page:?}");
    assert!(!page.body.contains(&"x".repeat(200)), "cut");
}

#[tokio::test]
async fn allow_and_deny_end_at_a_page_that_can_be_closed() {
    let op = start().await;
    for (decision, heading) in [("allow", "Device connected"), ("deny", "Not connected")] {
        let user_code = codes(&op, "openid").await.user_code;
        let done = answered(&op, &user_code, decision).await;
        assert_eq!(done.status, StatusCode::OK, "{done:?}");
        assert!(done.body.contains(heading), "{done:?}");
        assert!(done.body.contains("You can close this page."), "{done:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_sent_twice_is_one_and_another_one_comes_too_late() {
    let op = start().await;
    for (first, second) in [("allow", "deny"), ("deny", "allow")] {
        let user_code = codes(&op, "openid").await.user_code;
        let mut browser = op.browser();
        let page = approval_page(&mut browser, &ALICE, &user_code).await;
        for _ in 0..2 {
            let done = browser.submit(&page, &[("decision", first)]).await;
            assert_eq!(done.page_kind(), "device_answered", "{done:?}");
        }
        over(&browser.submit(&page, &[("decision", second)]).await);
        // Not twice after the end of the request either, though it is late.
        op.clock.advance(601);
        let done = browser.submit(&page, &[("decision", first)]).await;
        assert!(["login", "device_answered"].contains(&done.page_kind()));
    }
}

#[tokio::test]
async fn of_two_people_with_one_code_the_first_answer_counts() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let (mut alices, mut bobs) = (op.browser(), op.browser());
    let alice = approval_page(&mut alices, &ALICE, &codes.user_code).await;
    let bob = approval_page(&mut bobs, &BOB, &codes.user_code).await;
    alices.submit(&alice, &[("decision", "allow")]).await;
    for decision in ["allow", "deny"] {
        over(&bobs.submit(&bob, &[("decision", decision)]).await);
    }
    let tokens = poll(&op, &codes.device_code).await.tokens();
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    assert_eq!(userinfo["sub"], ALICE.sub);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_changes_nothing() {
    let op = start().await;
    for decision in ["allow", "deny"] {
        let codes = codes(&op, "openid").await;
        let mut browser = op.browser();
        let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
        op.clock.advance(600);
        over(&browser.submit(&page, &[("decision", decision)]).await);
        expect::refused(&poll(&op, &codes.device_code).await, "expired_token");
    }
}

#[tokio::test]
async fn allow_counts_only_from_the_user_who_was_shown_the_page() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let alices = approval_page(&mut browser, &ALICE, &codes.user_code).await;
    sign_in_instead(&mut browser, &alices).await;
    let asked = browser.submit(&alices, &[("decision", "allow")]).await;
    assert_eq!(asked.page_kind(), "device_approval", "{asked:?}");
    assert!(asked.body.contains(BOB.name), "{asked:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
    browser.submit(&asked, &[("decision", "allow")]).await;
    let tokens = poll(&op, &codes.device_code).await.tokens();
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    assert_eq!(userinfo["sub"], BOB.sub);
}

/// "Not you?", and Bob signs in.
async fn sign_in_instead(browser: &mut Browser, page: &Answer) {
    let login = browser.submit(page, &[("decision", "other")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let page = browser.sign_in(&login, BOB.username, BOB.password).await;
    assert_eq!(page.page_kind(), "device_approval", "{page:?}");
}

#[tokio::test]
async fn after_sign_out_the_page_allows_nothing_and_still_denies() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
    let account = browser.get("/account").await;
    browser.submit(&account, &[("decision", "confirm")]).await;
    let login = browser.submit(&page, &[("decision", "allow")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
    let done = browser.submit(&page, &[("decision", "deny")]).await;
    assert_eq!(done.page_kind(), "device_answered", "{done:?}");
    expect::refused(&poll(&op, &codes.device_code).await, "access_denied");
}

#[tokio::test]
async fn a_client_that_skips_consent_and_a_remembered_one_are_asked_about_each_time() {
    let op = TestProvider::start().await;
    let metadata = METADATA.replacen('{', r#"{"insecure_skip_consent": true,"#, 1);
    op.add_client_with(TELEVISION, None, &metadata).await;
    for _ in 0..2 {
        // approval_page expects the question.
        let device_code = approved(&op, "openid").await;
        assert_eq!(poll(&op, &device_code).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_was_allowed_is_remembered_as_the_users_consent() {
    let op = start().await;
    approved(&op, "openid email").await;
    let consent = op.provider.store.consent(ALICE.sub, TELEVISION).await;
    let consent = consent.expect("the store responds").expect("recorded");
    assert_eq!(consent.scope, "openid email");
}

#[tokio::test]
async fn a_client_that_is_changed_while_the_page_is_open_gets_no_more_than_it_may_have() {
    let op = start().await;
    let codes = codes(&op, "openid email reports").await;
    let mut browser = op.browser();
    let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
    op.set_client_scope(TELEVISION, "openid reports").await;
    browser.submit(&page, &[("decision", "allow")]).await;
    let tokens = poll(&op, &codes.device_code).await.tokens();
    assert_eq!(tokens.body["scope"], "openid reports");

    let codes = crate::device_flow::codes(&op, "openid").await;
    let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
    op.disable_client(TELEVISION).await;
    over(&browser.submit(&page, &[("decision", "allow")]).await);
    op.enable_client(TELEVISION).await;
    over(&browser.submit(&page, &[("decision", "allow")]).await);
    expect::refused(&poll(&op, &codes.device_code).await, "invalid_grant");
}

#[tokio::test]
async fn a_form_without_a_decision_and_a_page_opened_by_hand_change_nothing() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
    for fields in [&[][..], &[("decision", "perhaps")]] {
        expect::page(&browser.submit(&page, fields).await);
    }
    let by_hand = browser.get("/device/approval").await;
    assert_eq!(by_hand.page_kind(), "device_code", "{by_hand:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
}

#[tokio::test]
async fn a_sign_in_that_fails_or_is_left_leads_back_to_itself() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let login = enter(&mut browser, &codes.user_code).await;
    let again = browser.sign_in(&login, ALICE.username, "wrong").await;
    assert_eq!(again.page_kind(), "login", "{again:?}");
    assert!(!again.body.contains("id=\"login-cancel\""), "{again:?}");
    let page = browser
        .sign_in(&again, ALICE.username, ALICE.password)
        .await;
    assert_eq!(page.page_kind(), "device_approval", "{page:?}");
}

#[tokio::test]
async fn an_answer_that_the_store_does_not_take_can_be_given_again() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = start_with(options).await;
    for (decision, act) in [
        ("allow", "approve_device_request"),
        ("deny", "deny_device_request"),
    ] {
        let codes = codes(&op, "openid").await;
        let mut browser = op.browser();
        let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
        for broken in [act, "device_request"] {
            store.break_act(broken, Breakage::Unavailable);
            let failed = browser.submit(&page, &[("decision", decision)]).await;
            assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE, "{failed:?}");
            assert_eq!(failed.page_kind(), "error", "{failed:?}");
            store.repair();
        }
        store.break_act("poll_device_request", Breakage::Unavailable);
        let failed = poll(&op, &codes.device_code).await;
        assert_eq!(failed.error(), "temporarily_unavailable", "{failed:?}");
        store.repair();
        let polled = poll(&op, &codes.device_code).await;
        expect::refused(&polled, "authorization_pending");
        let done = browser.submit(&page, &[("decision", decision)]).await;
        assert_eq!(done.page_kind(), "device_answered", "{done:?}");
    }
}
