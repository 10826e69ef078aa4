//! The device page as JSON, for an application of one's own at the provider's origin.

use countersign_testing::{ALICE, Answer, BOB, Browser, TestProvider};
use http::StatusCode;
use serde_json::Value;

use crate::device_flow::{codes, poll, start};
use crate::expect;

fn json() -> Vec<(&'static str, String)> {
    vec![("accept", "application/json".to_owned())]
}

async fn interaction(browser: &mut Browser, path: &str) -> String {
    let answer = browser.get_with_headers(path, &json()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    text(&answer.json(), "interaction")
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().expect("a text").to_owned()
}

async fn enter(browser: &mut Browser, interaction: &str, user_code: &str) -> Answer {
    let fields = [("interaction", interaction), ("user_code", user_code)];
    browser.post_with("/device", &fields, &json()).await
}

async fn decide(browser: &mut Browser, interaction: &str, decision: &str) -> Answer {
    let fields = [("interaction", interaction), ("decision", decision)];
    browser
        .post_with("/device/approval", &fields, &json())
        .await
}

async fn asked(op: &TestProvider, browser: &mut Browser) -> (String, Value) {
    let codes = codes(op, "openid email").await;
    let form = interaction(browser, "/device").await;
    let answer = enter(browser, &form, &codes.user_code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    (codes.device_code, answer.json())
}

#[tokio::test]
async fn an_application_asks_its_user_itself_and_sends_the_answer() {
    let op = start().await;
    let mut browser = op.signed_in(&ALICE).await;
    for decision in ["allow", "deny"] {
        let (device_code, body) = asked(&op, &mut browser).await;
        assert_eq!(body["client_id"], "television");
        assert_eq!(body["client_name"], "Living Room TV");
        assert_eq!(body["scope"], "openid email");
        assert_eq!(body["scope_authorization_needed"], true);
        assert_eq!(body["requested_from"]["user_agent"], "Television/1.0");
        expect::refused(&poll(&op, &device_code).await, "authorization_pending");

        let form = text(&body, "interaction");
        let done = decide(&mut browser, &form, decision).await;
        assert_eq!(done.status, StatusCode::OK, "{done:?}");
        let done = done.json();
        assert_eq!(done["client_id"], "television");
        let polled = poll(&op, &device_code).await;
        match decision {
            "allow" => {
                assert_eq!(done["scope_authorization_needed"], false);
                assert_eq!(polled.status, StatusCode::OK, "{polled:?}");
            }
            _ => {
                assert_eq!(done["error"], "access_denied");
                expect::refused(&polled, "access_denied");
            }
        }
    }
}

#[tokio::test]
async fn without_a_recent_sign_in_the_application_is_told_to_sign_in_its_user() {
    let op = start().await;
    let user_code = codes(&op, "openid").await.user_code;
    let mut browser = op.browser();
    let form = interaction(&mut browser, "/device").await;
    let answer = enter(&mut browser, &form, &user_code).await;
    expect::refused(&answer, "login_required");
    let mut browser = op.signed_in(&ALICE).await;
    let (device_code, body) = asked(&op, &mut browser).await;
    let form = text(&body, "interaction");
    // Signed out, or signed in as someone else, meanwhile.
    browser
        .cookies
        .retain(|name, _| !name.ends_with("_session"));
    expect::refused(&decide(&mut browser, &form, "allow").await, "access_denied");
    let login = browser.get("/account").await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    expect::refused(&decide(&mut browser, &form, "allow").await, "access_denied");
    expect::refused(&poll(&op, &device_code).await, "authorization_pending");
}

#[tokio::test]
async fn a_wrong_code_can_be_tried_again_with_the_next_form() {
    let op = start().await;
    let user_code = codes(&op, "openid").await.user_code;
    let mut browser = op.signed_in(&ALICE).await;
    let path = format!("/device?user_code={user_code}");
    let form = interaction(&mut browser, &path).await;
    let refused = enter(&mut browser, &form, "BCDF-GHJK").await;
    expect::refused(&refused, "invalid_request");
    let form = text(&refused.json(), "interaction");
    let answer = enter(&mut browser, &form, &user_code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    let form = interaction(&mut browser, "/device").await;
    for _ in 0..10 {
        enter(&mut browser, &form, "BCDF-GHJK").await;
    }
    let throttled = enter(&mut browser, &form, "BCDF-GHJK").await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_form_counts_only_from_its_own_browser_and_for_its_own_step() {
    let op = start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let (device_code, body) = asked(&op, &mut browser).await;
    let form = text(&body, "interaction");
    let mut other = op.signed_in(&ALICE).await;
    for decision in ["allow", "deny"] {
        expect::refused(&decide(&mut other, &form, decision).await, "access_denied");
    }
    let without = browser
        .post_with("/device/approval", &[("decision", "allow")], &json())
        .await;
    expect::refused(&without, "invalid_request");
    let of_the_code = interaction(&mut browser, "/device").await;
    let answer = decide(&mut browser, &of_the_code, "allow").await;
    expect::refused(&answer, "invalid_request");
    let login = op.browser().get("/account").await;
    let sealed = login.hidden_field("interaction").expect("a form");
    let answer = decide(&mut browser, &sealed, "allow").await;
    expect::refused(&answer, "access_denied"); // another browser's
    expect::refused(
        &decide(&mut browser, &form, "perhaps").await,
        "invalid_request",
    );
    expect::refused(&poll(&op, &device_code).await, "authorization_pending");
    op.clock.advance(3_600);
    expect::refused(
        &decide(&mut browser, &form, "allow").await,
        "invalid_request",
    );
}

#[tokio::test]
async fn a_browser_gets_the_page_whatever_else_it_accepts() {
    let op = start().await;
    let headers = [("accept", "text/html,application/json;q=0.1".to_owned())];
    let page = op.browser().get_with_headers("/device", &headers).await;
    assert_eq!(page.page_kind(), "device_code", "{page:?}");
    // No other origin's script reads it.
    let mut headers = json();
    headers.push(("origin", "https://evil.example".to_owned()));
    let answer = op.browser().get_with_headers("/device", &headers).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
