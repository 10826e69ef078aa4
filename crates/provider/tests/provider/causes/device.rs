//! Causes of the device flow: its endpoint, its pages, its polls.

use std::collections::BTreeSet;

use countersign_testing::{ALICE, Options};

use super::Stage;
use crate::device_flow::{
    GRANT_TYPE, METADATA, TELEVISION, answered, approval_page, approved, codes, enter, poll_as,
    request,
};

async fn begin() -> Stage {
    let options = Options::with(|settings| {
        settings.device.requests_per_client = 10;
        settings.device.attempts_per_browser = 1;
    });
    let stage = Stage::with(options).await;
    for client_id in [TELEVISION, "other"] {
        stage.op.add_client_with(client_id, None, METADATA).await;
    }
    stage
}

pub async fn pages() -> BTreeSet<String> {
    let mut stage = begin().await;
    let user_code = codes(&stage.op, "openid").await.user_code;
    let mut browser = stage.op.browser();
    stage.log.take();
    for (cause, typed) in [
        ("device_user_code_malformed", "x"),
        ("device_user_code_unknown", "BCDF-GHJK"),
        ("device_user_code_throttled", "BCDF-GHJK"),
    ] {
        let answer = enter(&mut browser, typed).await;
        stage.meets(cause, &answer);
    }
    let path = format!("/device?user_code={user_code}");
    let page = browser.get(&path).await;
    let other = [("user_code", "BCDF-GHJK")];
    let answer = browser.submit(&page, &other).await;
    stage.meets("device_user_code_not_the_links", &answer);

    let mut browser = stage.op.browser();
    let page = approval_page(&mut browser, &ALICE, &user_code).await;
    stage.log.take();
    let answer = browser.submit(&page, &[]).await;
    stage.meets("device_decision_missing", &answer);
    browser.submit(&page, &[("decision", "deny")]).await;
    stage.log.take();
    let answer = browser.submit(&page, &[("decision", "allow")]).await;
    stage.meets("device_request_answered", &answer);

    let user_code = codes(&stage.op, "openid").await.user_code;
    let page = approval_page(&mut browser, &ALICE, &user_code).await;
    stage.op.clock.advance(600);
    stage.log.take();
    let answer = browser.submit(&page, &[("decision", "allow")]).await;
    stage.meets("device_request_expired", &answer);
    let user_code = codes(&stage.op, "openid").await.user_code;
    let page = approval_page(&mut browser, &ALICE, &user_code).await;
    stage.op.disable_client(TELEVISION).await;
    stage.log.take();
    let answer = browser.submit(&page, &[("decision", "allow")]).await;
    stage.meets("device_request_unknown", &answer);
    stage.met
}

pub async fn polls() -> BTreeSet<String> {
    let mut stage = begin().await;
    let waiting = codes(&stage.op, "openid").await;
    let denied = codes(&stage.op, "openid").await;
    answered(&stage.op, &denied.user_code, "deny").await;
    let used = approved(&stage.op, "openid").await;
    poll_as(&stage.op, TELEVISION, &used).await;
    let mut guess = used.clone();
    guess.replace_range(guess.len() - 4.., "AAAA");
    for (cause, client_id, device_code) in [
        ("device_code_malformed", TELEVISION, "x"),
        ("device_code_unknown", TELEVISION, &guess),
        (
            "device_code_of_another_client",
            "other",
            &waiting.device_code,
        ),
        ("device_code_pending", TELEVISION, &waiting.device_code),
        ("device_code_too_soon", TELEVISION, &waiting.device_code),
        ("device_code_denied", TELEVISION, &denied.device_code),
        ("device_code_replayed", TELEVISION, &used),
    ] {
        let form = [("grant_type", GRANT_TYPE), ("device_code", device_code)];
        stage.token(cause, client_id, &form).await;
    }
    stage.op.clock.advance(600);
    let device_code = ("device_code", waiting.device_code.as_str());
    let form = [("grant_type", GRANT_TYPE), device_code];
    stage.token("device_code_expired", TELEVISION, &form).await;
    let mut device = stage.op.browser();
    for _ in 0..10 {
        request(&mut device, &[]).await;
    }
    stage.log.take();
    let answer = request(&mut device, &[]).await;
    stage.meets("device_requests_used_up", &answer);
    stage.met
}
