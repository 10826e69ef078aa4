//! Attack cases 55 and 56, and those on forms and pages as far as they are about devices: guessing
//! user codes, sending someone a code (RFC 8628, sections 5.1 and 5.4), polling too fast.

use std::sync::Arc;

use countersign_testing::{ALICE, Answer, BOB, Browser, Options, TestProvider, callback};
use http::{Method, StatusCode};

use crate::device_flow::{
    TELEVISION, answered, approval_page, approved, codes, enter, poll, request, start, start_with,
};
use crate::expect;

fn from(op: &TestProvider, address: &str) -> Browser {
    let mut browser = op.browser();
    browser.address = Some(address.parse().expect("an address"));
    browser
}

/// The nth of many codes that no device was given.
fn guess(number: usize) -> String {
    let letters = "BCDFGHJKLMNPQRSTVWXZ".as_bytes();
    let mut code = String::from("ZZZZZ");
    for place in [400, 20, 1] {
        code.push(char::from(letters[number / place % 20]));
    }
    code
}

#[track_caller]
fn throttled(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
    assert_eq!(answer.page_kind(), "device_code", "{answer:?}");
    assert!(answer.body.contains("Too many wrong codes"), "{answer:?}");
}

#[tokio::test]
async fn attack_55_wrong_user_codes_are_limited_per_browser() {
    let op = start().await;
    let user_code = codes(&op, "openid").await.user_code;
    let mut browser = op.browser();
    for number in 0..10 {
        let answer = enter(&mut browser, &guess(number)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    // The right one is not looked at any more.
    throttled(&enter(&mut browser, &user_code).await);
    assert_eq!(
        enter(&mut op.browser(), &user_code).await.page_kind(),
        "login"
    );
    op.clock.advance(300);
    assert_eq!(enter(&mut browser, &user_code).await.page_kind(), "login");
}

#[tokio::test]
async fn attack_55_wrong_user_codes_are_limited_per_network() {
    let op = start().await;
    for number in 0..30 {
        let mut browser = from(&op, "203.0.113.7:1000"); // with no cookie from before
        let answer = enter(&mut browser, &guess(number)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    throttled(&enter(&mut from(&op, "203.0.113.7:1000"), &guess(30)).await);
    let user_code = codes(&op, "openid").await.user_code;
    throttled(&enter(&mut from(&op, "203.0.113.7:1001"), &user_code).await);
    let elsewhere = enter(&mut from(&op, "198.51.100.1:1000"), &user_code).await;
    assert_eq!(elsewhere.page_kind(), "login", "{elsewhere:?}");
}

#[tokio::test]
async fn attack_55_wrong_user_codes_are_limited_in_total() {
    let op = start_with(Options::with(|settings| {
        settings.device.attempts_anywhere = 50;
    }))
    .await;
    for number in 0..50 {
        let mut browser = from(&op, &format!("203.{number}.113.7:1000"));
        let answer = enter(&mut browser, &guess(number)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    throttled(&enter(&mut from(&op, "198.51.100.1:1000"), &guess(50)).await);
}

#[tokio::test]
async fn attack_55_right_user_codes_cost_nothing() {
    let op = start_with(Options::with(|settings| {
        settings.device.attempts_per_browser = 2;
        settings.device.attempts_per_address = 2;
        settings.device.attempts_anywhere = 2;
    }))
    .await;
    let mut browser = from(&op, "203.0.113.7:1000");
    for _ in 0..10 {
        let user_code = codes(&op, "openid").await.user_code;
        assert_eq!(enter(&mut browser, &user_code).await.page_kind(), "login");
    }
}

#[tokio::test]
async fn attack_55_a_user_code_is_worth_nothing_after_its_request() {
    let op = start().await;
    let user_code = codes(&op, "openid").await.user_code;
    op.clock.advance(600);
    let answer = enter(&mut op.browser(), &user_code).await;
    assert_eq!(answer.page_kind(), "device_code", "{answer:?}");
}

#[tokio::test]
async fn attack_55_a_user_code_is_hard_to_guess_and_short_lived() {
    // RFC 8628, sections 5.1 and 6.1: 34 bits and more, for five to ten minutes.
    let op = start().await;
    let mut letters = std::collections::BTreeSet::new();
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..200 {
        let address = format!("203.0.{number}.7:1000");
        let mut device = from(&op, &address);
        let body = request(&mut device, &[("scope", "openid")]).await.json();
        let lifetime = body["expires_in"].as_i64().expect("a number");
        assert!((300..=600).contains(&lifetime), "{body}");
        let code = body["user_code"].as_str().expect("a text").replace('-', "");
        letters.extend(code.chars());
        let bits = code.len() as f64 * 20_f64.log2();
        assert!(bits >= 34.0, "{code}: {bits}");
        assert!(seen.insert(code));
    }
    assert_eq!(letters.len(), 20, "each letter is drawn: {letters:?}");
}

#[tokio::test]
async fn attack_55_a_link_with_a_code_approves_nothing_by_itself() {
    // RFC 8628, section 5.4: someone sends the link to a person who is signed in.
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.signed_in(&ALICE).await;
    let path = format!("/device?user_code={}", codes.user_code);
    for path in [
        path.clone(),
        format!("{path}&decision=allow"),
        path.replace("/device?", "/device/approval?"),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.page_kind(), "device_code", "{page:?}");
        let head = browser.send(Method::HEAD, &path, &[], None).await;
        assert_eq!(head.status, StatusCode::OK, "{head:?}");
        assert!(!page.body.contains("<script"), "nothing submits itself");
    }
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
}

#[tokio::test]
async fn attack_55_the_page_names_the_client_and_where_the_request_came_from() {
    let op = start().await;
    let mut device = from(&op, "[2001:db8::7]:1000");
    let body = request(&mut device, &[("scope", "openid")]).await.json();
    let user_code = body["user_code"].as_str().expect("a text");
    let mut browser = from(&op, "203.0.113.7:1000");
    let page = approval_page(&mut browser, &ALICE, user_code).await;
    for expected in [
        "Living Room TV",
        "2001:db8::7",
        "Television/1.0",
        "If someone sent you this code",
        "a different network",
    ] {
        assert!(page.body.contains(expected), "{expected}: {page:?}");
    }
}

#[tokio::test]
async fn attack_56_faster_polling_is_told_to_slow_down() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let first = poll(&op, &codes.device_code).await;
    expect::refused(&first, "authorization_pending");
    for _ in 0..20 {
        expect::refused(&poll(&op, &codes.device_code).await, "slow_down");
    }
    op.clock.advance(100);
    expect::refused(&poll(&op, &codes.device_code).await, "slow_down");
    op.clock.advance(110);
    let patient = poll(&op, &codes.device_code).await;
    expect::refused(&patient, "authorization_pending");
}

#[tokio::test]
async fn attack_56_a_denied_request_gives_no_token() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    answered(&op, &codes.user_code, "deny").await;
    expect::refused(&poll(&op, &codes.device_code).await, "access_denied");
    let again = enter(&mut op.browser(), &codes.user_code).await;
    assert_eq!(again.page_kind(), "device_code", "{again:?}");
}

#[tokio::test]
async fn attack_56_a_device_code_is_used_once_and_its_replay_revokes_its_tokens() {
    let op = start().await;
    let device_code = approved(&op, "openid").await;
    let tokens = poll(&op, &device_code).await.tokens();
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    for _ in 0..2 {
        expect::refused(&poll(&op, &device_code).await, "invalid_grant");
    }
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refreshed = op.refresh(TELEVISION, &refresh_token).await;
    expect::refused(&refreshed, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_56_of_64_polls_at_once_one_gets_tokens() {
    let op = Arc::new(start().await);
    let device_code = approved(&op, "openid").await;
    let polls: Vec<_> = (0..64)
        .map(|_| {
            let (op, device_code) = (Arc::clone(&op), device_code.clone());
            tokio::spawn(async move { poll(&op, &device_code).await })
        })
        .collect();
    let mut succeeded = 0;
    for answer in polls {
        let answer = answer.await.expect("a poll ends");
        match answer.status {
            StatusCode::OK => succeeded += 1,
            _ => expect::refused(&answer, "invalid_grant"),
        }
    }
    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn attack_49_the_device_pages_are_framed_and_kept_by_no_one() {
    let op = start().await;
    let mut browser = op.browser();
    let user_code = codes(&op, "openid").await.user_code;
    let page = browser.get("/device").await;
    let approval = approval_page(&mut browser, &ALICE, &user_code).await;
    let done = browser.submit(&approval, &[("decision", "allow")]).await;
    for page in [page, approval, done] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("form-action 'self'"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn attack_52_a_device_form_is_taken_from_its_own_browser_alone() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut alices = op.browser();
    let page = approval_page(&mut alices, &ALICE, &codes.user_code).await;
    let mut mallorys = op.browser();
    let mallorys_page = mallorys.get("/device").await;
    // Mallory's form, posted by another site in Alice's browser, and Alice's in Mallory's.
    let fields = [("user_code", &*codes.user_code)];
    let crossed = alices.submit(&mallorys_page, &fields).await;
    assert_eq!(crossed.status, StatusCode::FORBIDDEN, "{crossed:?}");
    for decision in ["allow", "deny"] {
        let crossed = mallorys.submit(&page, &[("decision", decision)]).await;
        assert_eq!(crossed.status, StatusCode::FORBIDDEN, "{crossed:?}");
        let without = [("decision", decision)];
        let without = alices.post("/device/approval", &without).await;
        assert_eq!(without.status, StatusCode::FORBIDDEN, "{without:?}");
    }
    let without = alices.post("/device", &fields).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN, "{without:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
}

#[tokio::test]
async fn attack_74_no_other_form_approves_a_device_and_no_device_form_consents() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let code_form = browser.get("/device").await;
    let login = enter(&mut browser, &codes.user_code).await;
    let page = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let account = browser.get("/account").await;
    for form in [&code_form, &login, &consent, &account] {
        let sealed = form.hidden_field("interaction").expect("a form");
        let fields = [("interaction", sealed.as_str()), ("decision", "allow")];
        for path in ["/device/approval", "/device", "/consent", "/login"] {
            if path == "/consent" && std::ptr::eq(form, &consent) {
                continue;
            }
            let answer = browser.post(path, &fields).await;
            assert_ne!(answer.page_kind(), "device_answered", "{path}: {answer:?}");
        }
    }
    // The device page's own form at the other addresses.
    let sealed = page.hidden_field("interaction").expect("a form");
    for path in ["/device", "/consent", "/login"] {
        for decision in ["allow", "continue"] {
            let fields = [("interaction", sealed.as_str()), ("decision", decision)];
            let answer = browser.post(path, &fields).await;
            assert_ne!(answer.page_kind(), "device_answered", "{path}: {answer:?}");
            assert!(answer.location().is_none(), "{path}: {answer:?}");
        }
    }
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
}

#[tokio::test]
async fn attack_55_a_session_of_someone_else_is_not_approved_for() {
    // Mallory enters her own code in Alice's browser, signed in as herself: the form of that page
    // is worth nothing once Alice has signed in.
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let mallorys = approval_page(&mut browser, &BOB, &codes.user_code).await;
    let account = browser.get("/account").await;
    browser.submit(&account, &[("decision", "confirm")]).await;
    let login = browser.get("/account").await;
    browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let asked = browser.submit(&mallorys, &[("decision", "allow")]).await;
    assert_eq!(asked.page_kind(), "device_approval", "{asked:?}");
    assert!(asked.body.contains(ALICE.name), "{asked:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );
}
