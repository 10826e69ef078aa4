//! The device access token request and its responses (RFC 8628, sections 3.4 and 3.5).

use countersign_testing::{ALICE, ISSUER, Options, TestProvider, callback, claims_of, header_of};
use http::StatusCode;
use serde_json::json;

use crate::device_flow::{
    GRANT_TYPE, INTERVAL, METADATA, TELEVISION, answered, approved, codes, poll, poll_as, start,
    start_with,
};
use crate::expect;

#[tokio::test]
async fn a_device_waits_for_its_user_and_then_gets_tokens() {
    let op = start().await;
    let codes = codes(&op, "openid email").await;
    // RFC 8628, section 3.5: "authorization_pending: The authorization request is still pending".
    for _ in 0..3 {
        let answer = poll(&op, &codes.device_code).await;
        expect::refused(&answer, "authorization_pending");
        op.clock.advance(INTERVAL);
    }
    answered(&op, &codes.user_code, "allow").await;
    // Section 3.5: a successful response is that of RFC 6749, section 5.1.
    let answer = poll(&op, &codes.device_code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let tokens = answer.tokens();
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert_eq!(tokens.body["expires_in"], 600);
    assert_eq!(tokens.body["scope"], "openid email");
    assert_eq!(header_of(&tokens.access_token)["typ"], "at+jwt");
    let claims = claims_of(&tokens.access_token);
    assert_eq!(claims["sub"], ALICE.sub);
    assert_eq!(claims["client_id"], TELEVISION);
    let id_token = claims_of(&tokens.id_token.expect("an ID token"));
    assert_eq!(id_token["iss"], ISSUER);
    assert_eq!(id_token["aud"], TELEVISION);
    assert_eq!(id_token["amr"], json!(["pwd"]));
    assert!(id_token["nonce"].is_null() && id_token["sid"].is_null());
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    assert_eq!(userinfo["email"], ALICE.email);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refreshed = op.refresh(TELEVISION, &refresh_token).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");
}

#[tokio::test]
async fn a_device_that_polls_too_often_has_to_slow_down() {
    // RFC 8628, section 3.5: "slow_down: A variant of "authorization_pending" ... the interval MUST
    // be increased by 5 seconds for this and all subsequent requests."
    let op = start().await;
    let codes = codes(&op, "openid").await;
    for (wait, expected) in [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (9, "slow_down"), // the interval is 10 now
        (14, "slow_down"),
        (20, "authorization_pending"),
        (20, "authorization_pending"),
    ] {
        op.clock.advance(wait);
        expect::refused(&poll(&op, &codes.device_code).await, expected);
    }
    // Once the user has allowed it, haste costs nothing.
    answered(&op, &codes.user_code, "allow").await;
    let answer = poll(&op, &codes.device_code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_denied_request_is_denied_for_good() {
    // RFC 8628, section 3.5: "access_denied: The authorization request was denied."
    let op = start().await;
    let codes = codes(&op, "openid").await;
    answered(&op, &codes.user_code, "deny").await;
    for _ in 0..3 {
        expect::refused(&poll(&op, &codes.device_code).await, "access_denied");
    }
    op.clock.advance(600);
    expect::refused(&poll(&op, &codes.device_code).await, "access_denied");
}

#[tokio::test]
async fn a_device_code_expires_whether_it_was_approved_or_not() {
    // RFC 8628, section 3.5: "expired_token: The "device_code" has expired, and the device
    // authorization session has concluded."
    let op = start().await;
    let waiting = codes(&op, "openid").await;
    let approved = approved(&op, "openid").await;
    op.clock.advance(599);
    expect::refused(
        &poll(&op, &waiting.device_code).await,
        "authorization_pending",
    );
    op.clock.advance(1);
    for device_code in [&waiting.device_code, &approved] {
        expect::refused(&poll(&op, device_code).await, "expired_token");
    }
}

#[tokio::test]
async fn what_is_no_device_code_of_this_client_is_an_invalid_grant() {
    // RFC 6749, section 5.2: "was issued to another client". Another client changes nothing.
    let op = start().await;
    op.add_client_with("other", None, METADATA).await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "public", callback::PUBLIC, "openid")
        .await;
    let codes = codes(&op, "openid").await;
    let mut guess = codes.device_code.clone();
    guess.replace_range(guess.len() - 4.., "AAAA");
    for device_code in ["x", &guess, &code, &codes.user_code] {
        expect::refused(&poll(&op, device_code).await, "invalid_grant");
    }
    for _ in 0..3 {
        let answer = poll_as(&op, "other", &codes.device_code).await;
        expect::refused(&answer, "invalid_grant");
    }
    let own = poll(&op, &codes.device_code).await;
    expect::refused(&own, "authorization_pending"); // and not slow_down
    answered(&op, &codes.user_code, "allow").await;
    let answer = poll_as(&op, "other", &codes.device_code).await;
    expect::refused(&answer, "invalid_grant");
    assert_eq!(poll(&op, &codes.device_code).await.status, StatusCode::OK);
    let answer = poll_as(&op, "other", &codes.device_code).await;
    expect::refused(&answer, "invalid_grant");
}

#[tokio::test]
async fn the_request_has_a_device_code_and_a_client_with_the_grant_type() {
    let op = start().await;
    // RFC 8628, section 3.4: "device_code REQUIRED".
    let answer = op.token(TELEVISION, &[("grant_type", GRANT_TYPE)]).await;
    expect::refused(&answer, "invalid_request");
    let codes = codes(&op, "openid").await;
    let form = [
        ("grant_type", GRANT_TYPE),
        ("device_code", &codes.device_code),
    ];
    // "client_id REQUIRED if the client is not authenticating".
    let answer = op.browser().post("/token", &form).await;
    expect::refused(&answer, "invalid_client");
    let answer = op.token("confidential", &form).await;
    expect::refused(&answer, "unauthorized_client");
    answered(&op, &codes.user_code, "allow").await;
    let without = METADATA.replace(GRANT_TYPE, "authorization_code");
    op.update_client(TELEVISION, &without).await;
    let answer = poll(&op, &codes.device_code).await;
    expect::refused(&answer, "unauthorized_client");
}

#[tokio::test]
async fn a_device_code_in_the_query_is_refused_and_not_used_up() {
    let op = start().await;
    let device_code = approved(&op, "openid").await;
    let path = format!("/token?device_code={device_code}");
    let form = [("grant_type", GRANT_TYPE), ("client_id", TELEVISION)];
    let answer = op.browser().post(&path, &form).await;
    expect::refused(&answer, "invalid_request");
    assert_eq!(poll(&op, &device_code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_the_refresh_grant_there_is_no_refresh_token() {
    let op = TestProvider::start().await;
    let metadata = METADATA.replace(", \"refresh_token\"", "");
    op.add_client_with(TELEVISION, None, &metadata).await;
    let device_code = approved(&op, "openid offline_access").await;
    let tokens = poll(&op, &device_code).await.tokens();
    assert!(tokens.refresh_token.is_none());
    assert_eq!(tokens.body["scope"], "openid", "and no offline_access");
    op.clock.advance(600);
    expect::token_refused(&op.userinfo(&tokens.access_token).await);
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let op = start().await;
    let device_code = approved(&op, "reports").await;
    let tokens = poll(&op, &device_code).await.tokens();
    assert!(tokens.id_token.is_none());
    assert_eq!(tokens.body["scope"], "reports");
}

#[tokio::test]
async fn a_device_stays_connected_after_its_users_sign_out_and_ends_with_the_consent() {
    let op = start().await;
    let codes = codes(&op, "openid").await;
    let mut browser = op.browser();
    let page = crate::device_flow::approval_page(&mut browser, &ALICE, &codes.user_code).await;
    browser.submit(&page, &[("decision", "allow")]).await;
    let tokens = poll(&op, &codes.device_code).await.tokens();
    let account = browser.get("/account").await;
    let done = browser.submit(&account, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let tokens = op.refresh(TELEVISION, &refresh_token).await.tokens();

    op.withdraw_consent(&ALICE, TELEVISION).await;
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    expect::refused(
        &op.refresh(TELEVISION, &refresh_token).await,
        "invalid_grant",
    );
}

#[tokio::test]
async fn what_ended_before_the_poll_gives_no_tokens() {
    for ending in ["consent", "password", "user", "client"] {
        let op = start().await;
        let device_code = approved(&op, "openid").await;
        match ending {
            "consent" => op.withdraw_consent(&ALICE, TELEVISION).await,
            "password" => op.change_password(&ALICE, "another long password").await,
            "user" => op.disable_person(&ALICE).await,
            _ => {
                op.disable_client(TELEVISION).await;
                expect::refused(&poll(&op, &device_code).await, "invalid_client");
                op.enable_client(TELEVISION).await;
            }
        }
        expect::refused(&poll(&op, &device_code).await, "invalid_grant");
    }
    // A request that waits ends with its client too.
    let op = start().await;
    let codes = codes(&op, "openid").await;
    op.disable_client(TELEVISION).await;
    op.enable_client(TELEVISION).await;
    expect::refused(&poll(&op, &codes.device_code).await, "invalid_grant");
}

#[tokio::test]
async fn opaque_tokens_work_as_well() {
    let op = TestProvider::start_with(Options::default()).await;
    let metadata = METADATA.replacen('{', r#"{"access_token_format": "opaque","#, 1);
    op.add_client_with(TELEVISION, None, &metadata).await;
    let device_code = approved(&op, "openid").await;
    let tokens = poll(&op, &device_code).await.tokens();
    assert!(tokens.access_token.starts_with("cs_at_"));
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    expect::refused(&poll(&op, &device_code).await, "invalid_grant");
    assert!(
        !expect::is_accepted(&op, &tokens.access_token).await,
        "a replay"
    );
}

#[tokio::test]
async fn a_shorter_request_lifetime_holds_for_the_code_of_an_approval() {
    let op = start_with(Options::with(|settings| {
        settings.device.request_lifetime_seconds = 60;
    }))
    .await;
    let device_code = approved(&op, "openid").await;
    op.clock.advance(60);
    expect::refused(&poll(&op, &device_code).await, "expired_token");
}
