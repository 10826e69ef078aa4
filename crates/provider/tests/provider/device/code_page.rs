//! The page that asks for the code (RFC 8628, sections 3.3 and 3.3.1).

use countersign_testing::{ALICE, Answer, Options, TestProvider};
use http::StatusCode;

use crate::device_flow::{
    TELEVISION, answered, approval_page, codes, enter, poll, start, start_with,
};
use crate::expect;

#[track_caller]
fn asked_again(answer: &Answer, text: &str) {
    assert_eq!(answer.page_kind(), "device_code", "{answer:?}");
    assert!(answer.body.contains("id=\"device-alert\""), "{answer:?}");
    assert!(answer.body.contains(text), "{text}: {answer:?}");
}

const REJECTED: &str = "This code is wrong or has expired.";

#[tokio::test]
async fn a_code_is_accepted_however_it_is_typed() {
    let op = start().await;
    let user_code = codes(&op, "openid").await.user_code;
    let bare = user_code.replace('-', "");
    let blanks: Vec<String> = bare.chars().map(String::from).collect();
    for typed in [
        user_code.clone(),
        user_code.to_lowercase(),
        bare,
        format!("  {} ", blanks.join(" ")),
        user_code.replace('-', "\u{2013}"),
    ] {
        let page = enter(&mut op.browser(), &typed).await;
        assert_eq!(page.page_kind(), "login", "{typed:?}: {page:?}");
        assert!(page.body.contains("to connect a device"), "{page:?}");
        // No client has proven anything to this browser yet.
        assert!(!page.body.contains("Living Room TV"), "{page:?}");
    }
}

#[tokio::test]
async fn every_code_that_is_not_accepted_looks_alike() {
    let op = start().await;
    let used = codes(&op, "openid").await.user_code;
    answered(&op, &used, "allow").await;
    let denied = codes(&op, "openid").await.user_code;
    answered(&op, &denied, "deny").await;
    let expired = codes(&op, "openid").await.user_code;
    op.clock.advance(600);
    let seen = async |typed: &str| {
        let page = enter(&mut op.browser(), typed).await;
        asked_again(&page, REJECTED);
        let sealed = page.hidden_field("interaction").expect("a form");
        let body = page.body.replace(&sealed, "");
        (page.status, body.replace(typed, "TYPED"))
    };
    let unknown = seen("BCDF-GHJK").await;
    assert_eq!(unknown.0, StatusCode::OK);
    for typed in [&*used, &denied, &expired, "no code", "AEIO-UAEI"] {
        assert_eq!(seen(typed).await, unknown, "{typed}");
    }
}

#[tokio::test]
async fn what_was_typed_stays_in_the_field() {
    let op = start().await;
    let page = enter(&mut op.browser(), "WDJB-MJ<b>").await;
    asked_again(&page, REJECTED);
    assert!(page.body.contains("WDJB-MJ&lt;b&gt;"), "{page:?}");
}

#[tokio::test]
async fn a_link_with_a_code_shows_it_to_no_one_and_changes_nothing() {
    // RFC 8628, section 5.4: the person has to have the device in front of them.
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.signed_in(&ALICE).await;
    let path = format!("/device?user_code={}", codes.user_code);
    let page = browser.get(&path).await;
    assert_eq!(page.page_kind(), "device_code", "{page:?}");
    assert!(page.body.contains("id=\"device-linked\""), "{page:?}");
    assert!(!page.body.contains(&codes.user_code), "{page:?}");
    expect::refused(
        &poll(&op, &codes.device_code).await,
        "authorization_pending",
    );

    let approval = browser
        .submit(&page, &[("user_code", &codes.user_code)])
        .await;
    assert_eq!(approval.page_kind(), "device_approval", "{approval:?}");
}

#[tokio::test]
async fn after_a_link_another_code_is_not_accepted() {
    // RFC 8628, section 3.3.1: the server asks the person to confirm that the device shows the
    // same code.
    let op = start().await;
    let (one, other) = (codes(&op, "openid").await, codes(&op, "openid").await);
    let mut browser = op.browser();
    let page = browser
        .get(&format!("/device?user_code={}", one.user_code))
        .await;
    let answer = browser
        .submit(&page, &[("user_code", &other.user_code)])
        .await;
    asked_again(&answer, "not the one in the link");
    // Typed again, it is still held to the link.
    let answer = browser
        .submit(&answer, &[("user_code", &other.user_code)])
        .await;
    asked_again(&answer, "not the one in the link");
    let answer = browser
        .submit(&answer, &[("user_code", &one.user_code)])
        .await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
}

#[tokio::test]
async fn a_link_without_a_possible_code_is_the_plain_page() {
    let op = start().await;
    for path in [
        "/device?user_code=",
        "/device?user_code=x",
        "/device?other=1",
    ] {
        let page = op.browser().get(path).await;
        assert_eq!(page.page_kind(), "device_code", "{page:?}");
        assert!(!page.body.contains("id=\"device-linked\""), "{page:?}");
    }
    expect::page(&op.browser().get("/device?user_code=a&user_code=b").await);
}

#[tokio::test]
async fn a_page_that_was_open_for_too_long_asks_again() {
    let op = start().await;
    let mut browser = op.browser();
    let page = browser.get("/device").await;
    op.clock.advance(3_600);
    let user_code = codes(&op, "openid").await.user_code;
    let again = browser.submit(&page, &[("user_code", &user_code)]).await;
    asked_again(&again, "open for too long");
    let login = browser.submit(&again, &[("user_code", &user_code)]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
}

#[tokio::test]
async fn the_page_speaks_german() {
    let op = start().await;
    let german = [("accept-language", "de".to_owned())];
    let page = op.browser().get_with_headers("/device", &german).await;
    assert!(page.body.contains("Gerät verbinden"), "{page:?}");
}

#[tokio::test]
async fn a_request_whose_client_changed_is_not_found() {
    let op = start().await;
    let user_code = codes(&op, "openid email").await.user_code;
    op.set_client_scope(TELEVISION, "reports").await;
    asked_again(&enter(&mut op.browser(), &user_code).await, REJECTED);
    op.set_client_scope(TELEVISION, "openid").await;
    let page = approval_page(&mut op.browser(), &ALICE, &user_code).await;
    assert!(!page.body.contains("email address"), "{page:?}");
    op.disable_client(TELEVISION).await;
    asked_again(&enter(&mut op.browser(), &user_code).await, REJECTED);
    op.enable_client(TELEVISION).await;
    let page = enter(&mut op.browser(), &user_code).await;
    asked_again(&page, REJECTED); // everything from before it was disabled has ended
}

#[tokio::test]
async fn a_sign_in_that_is_recent_enough_is_not_asked_for_again() {
    let with_age =
        |seconds| Options::with(|settings| settings.device.sign_in_max_age_seconds = seconds);
    let shown_after = async |op: &TestProvider, seconds| {
        let mut browser = op.signed_in(&ALICE).await;
        op.clock.advance(seconds);
        let user_code = codes(op, "openid").await.user_code;
        enter(&mut browser, &user_code).await
    };
    let op = start_with(with_age(600)).await;
    assert_eq!(shown_after(&op, 600).await.page_kind(), "device_approval");
    let confirm = shown_after(&op, 601).await;
    assert_eq!(confirm.page_kind(), "login", "{confirm:?}");
    assert!(
        confirm.body.contains("Confirm that it’s you"),
        "{confirm:?}"
    );
    let op = start_with(with_age(0)).await;
    assert_eq!(shown_after(&op, 0).await.page_kind(), "login");
}
