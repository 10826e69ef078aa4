//! `prompt` (OpenID Connect Core, section 3.1.2.1): what the user must be shown, or must not.

use countersign_testing::{ALICE, BOB, TestProvider};

use super::{CALLBACK, asked, id_token_of};
use crate::expect;

const OPENID: (&str, &str) = ("scope", "openid");

#[tokio::test]
async fn none_without_a_session_is_login_required_with_the_state() {
    let op = TestProvider::start().await;
    let answer = asked(&op, &mut op.browser(), &[("prompt", "none")]).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
}

#[tokio::test]
async fn none_beside_a_sign_in_page_does_not_disturb_it() {
    // A hidden frame and a page, both sent before either got its response.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let mut frame = browser.clone();
    let login = asked(&op, &mut browser, &[OPENID]).await;
    let silent = asked(&op, &mut frame, &[OPENID, ("prompt", "none")]).await;
    assert!(silent.set_cookies().is_empty(), "{silent:?}");
    browser.cookies.extend(frame.cookies);
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
}

#[tokio::test]
async fn none_with_session_and_consent_is_silent() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    for _ in 0..3 {
        let answer = asked(&op, &mut browser, &[OPENID, ("prompt", "none")]).await;
        assert_eq!(id_token_of(&op, &answer).await["sub"], ALICE.sub);
    }
}

#[tokio::test]
async fn none_without_a_consent_is_consent_required() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let answer = asked(
        &op,
        &mut browser,
        &[("scope", "openid phone"), ("prompt", "none")],
    )
    .await;
    expect::sent_back(&answer, CALLBACK, "consent_required");
}

#[tokio::test]
async fn consent_asks_although_it_is_remembered() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let consent = asked(&op, &mut browser, &[OPENID, ("prompt", "consent")]).await;
    assert_eq!(consent.page_kind(), "consent");
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(id_token_of(&op, &back).await["sub"], ALICE.sub);
}

#[tokio::test]
async fn login_and_consent_together_ask_for_both() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let login = asked(&op, &mut browser, &[OPENID, ("prompt", "consent login")]).await;
    assert_eq!(login.page_kind(), "login");
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent");
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    id_token_of(&op, &back).await;
}

#[tokio::test]
async fn a_client_that_skips_consent_still_asks_when_it_says_so() {
    let op = TestProvider::start().await;
    let redirect_uri = countersign_testing::callback::FIRST_PARTY;
    let mut request = op.authorization("first-party", redirect_uri, "openid");
    let mut browser = op.signed_in(&ALICE).await;
    let silent = browser.get_with("/authorize", &request).await;
    assert!(silent.location_parameter("code").is_some(), "{silent:?}");
    request.push(("prompt", "consent".to_owned()));
    assert_eq!(
        browser.get_with("/authorize", &request).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn select_account_lets_the_user_go_on_as_who_they_are() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let page = asked(&op, &mut browser, &[OPENID, ("prompt", "select_account")]).await;
    assert_eq!(page.page_kind(), "select_account");
    assert!(page.body.contains(ALICE.name), "{page:?}");
    let back = browser.submit(&page, &[("decision", "continue")]).await;
    assert_eq!(id_token_of(&op, &back).await["sub"], ALICE.sub);
}

#[tokio::test]
async fn select_account_lets_somebody_else_sign_in() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let page = asked(&op, &mut browser, &[OPENID, ("prompt", "select_account")]).await;
    let login = browser.submit(&page, &[("decision", "other")]).await;
    assert_eq!(login.page_kind(), "login");
    let consent = browser.sign_in(&login, BOB.username, BOB.password).await;
    assert_eq!(
        consent.page_kind(),
        "consent",
        "Bob has allowed nothing yet: {consent:?}"
    );
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(id_token_of(&op, &back).await["sub"], BOB.sub);
}

#[tokio::test]
async fn select_account_without_a_session_is_a_sign_in_and_no_second_page() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[OPENID, ("prompt", "select_account")]).await;
    assert_eq!(login.page_kind(), "login");
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent");
}

#[tokio::test]
async fn cancelling_the_choice_of_an_account_is_access_denied() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let page = asked(&op, &mut browser, &[OPENID, ("prompt", "select_account")]).await;
    let back = browser.submit(&page, &[("decision", "cancel")]).await;
    expect::sent_back(&back, CALLBACK, "access_denied");
}

#[tokio::test]
async fn an_id_token_hint_with_none_is_silent_for_that_user_only() {
    let op = TestProvider::start().await;
    let alice = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let bob = op.tokens(&BOB, "confidential", CALLBACK, "openid").await;
    let mut browser = op.signed_in(&ALICE).await;
    let hint = alice.id_token.expect("an ID token");
    let changes = [OPENID, ("prompt", "none"), ("id_token_hint", hint.as_str())];
    let answer = asked(&op, &mut browser, &changes).await;
    assert_eq!(id_token_of(&op, &answer).await["sub"], ALICE.sub);

    // OpenID Connect Core, section 3.1.2.1: "otherwise it MUST return an error, such as
    // login_required".
    let hint = bob.id_token.expect("an ID token");
    let changes = [OPENID, ("prompt", "none"), ("id_token_hint", hint.as_str())];
    let answer = asked(&op, &mut browser, &changes).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
}

#[tokio::test]
async fn an_expired_hint_and_another_clients_hint_still_say_who_is_meant() {
    // OpenID Connect Core, section 3.1.2.1: the server need not be among its audiences; and it may
    // have expired.
    let op = TestProvider::start().await;
    let redirect_uri = countersign_testing::callback::PUBLIC;
    let tokens = op.tokens(&ALICE, "public", redirect_uri, "openid").await;
    let hint = tokens.id_token.expect("an ID token");
    op.clock.advance(86_400);
    let mut browser = op.signed_in(&ALICE).await;
    let changes = [OPENID, ("prompt", "none"), ("id_token_hint", hint.as_str())];
    let answer = asked(&op, &mut browser, &changes).await;
    assert_eq!(id_token_of(&op, &answer).await["sub"], ALICE.sub);
}

#[tokio::test]
async fn another_user_than_the_hinted_one_is_asked_to_sign_in_and_then_refused() {
    let op = TestProvider::start().await;
    let alice = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let hint = alice.id_token.expect("an ID token");
    let mut browser = op.signed_in(&BOB).await;
    let login = asked(
        &op,
        &mut browser,
        &[OPENID, ("id_token_hint", hint.as_str())],
    )
    .await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let again = browser
        .clone()
        .sign_in(&login, BOB.username, BOB.password)
        .await;
    expect::sent_back(&again, CALLBACK, "login_required");
    let right = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(id_token_of(&op, &right).await["sub"], ALICE.sub);
}
