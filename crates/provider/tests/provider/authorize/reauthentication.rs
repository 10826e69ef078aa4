//! `prompt=login` and `max_age` (OpenID Connect Core, section 3.1.2.1): the password again, and
//! `auth_time` kept otherwise.

use countersign_testing::{ALICE, TestProvider};
use serde_json::Value;

use super::{CALLBACK, asked, id_token_of};
use crate::expect;

const OPENID: (&str, &str) = ("scope", "openid");

#[tokio::test]
async fn login_asks_for_the_password_and_auth_time_is_later() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let before = asked(&op, &mut browser, &[OPENID]).await;
    let before = id_token_of(&op, &before).await;
    op.clock.advance(3);

    let login = asked(&op, &mut browser, &[OPENID, ("prompt", "login")]).await;
    assert_eq!(login.page_kind(), "login");
    assert!(
        login.body.contains(ALICE.name),
        "it says who is to confirm: {login:?}"
    );
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let after = id_token_of(&op, &back).await;
    assert_eq!(time(&after) - time(&before), 3);
    assert_eq!(after["sub"], before["sub"]);
    assert_eq!(after["sid"], before["sid"], "the session stays the same");
}

#[tokio::test]
async fn login_is_not_satisfied_by_a_proof_given_to_another_request() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let changes = [OPENID, ("prompt", "login")];
    let one = asked(&op, &mut browser, &changes).await;
    browser.sign_in(&one, ALICE.username, ALICE.password).await;
    let other = asked(&op, &mut browser, &changes).await;
    assert_eq!(other.page_kind(), "login", "{other:?}");
    // Neither by a form without a password, nor by one that only continues.
    for fields in [&[("decision", "sign_in")], &[("decision", "continue")]] {
        let answer = browser.submit(&other, fields).await;
        assert_eq!(answer.page_kind(), "login", "{answer:?}");
    }
}

#[tokio::test]
async fn a_session_older_than_max_age_proves_itself_again() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let started = op.provider.now();
    op.clock.advance(2);
    let login = asked(&op, &mut browser, &[OPENID, ("max_age", "1")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(time(&id_token_of(&op, &back).await), started + 2);
}

#[tokio::test]
async fn a_session_within_max_age_goes_on_and_keeps_its_auth_time() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let started = op.provider.now();
    op.clock.advance(9_000);
    for changes in [
        vec![OPENID, ("max_age", "10000")],
        vec![OPENID, ("max_age", "9000")],
        vec![OPENID],
    ] {
        let answer = asked(&op, &mut browser, &changes).await;
        assert_eq!(
            time(&id_token_of(&op, &answer).await),
            started,
            "{changes:?}"
        );
    }
}

/// OpenID Connect Core, section 3.1.2.1 has no upper limit.
#[tokio::test]
async fn max_age_may_be_as_long_as_anyone_likes() {
    let op = TestProvider::start().await;
    let metadata = format!(
        r#"{{"redirect_uris": ["https://bank.example/callback"], "default_max_age": {}}}"#,
        u64::MAX
    );
    op.add_client_with("bank", Some("secret"), &metadata).await;
    let mut browser = op.signed_in(&ALICE).await;
    let started = op.provider.now();
    op.clock.advance(9_000);
    for max_age in [
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "999999999999999999999999999999999999999999",
        "000000000000000000000000000000000000010000",
    ] {
        let changes = [OPENID, ("max_age", max_age)];
        let answer = asked(&op, &mut browser, &changes).await;
        assert_eq!(time(&id_token_of(&op, &answer).await), started, "{max_age}");
        // The same through the form of a page.
        let mut another = op.browser();
        let login = asked(&op, &mut another, &changes).await;
        let back = another
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        id_token_of(&op, &back).await;
    }
    // What is long is still counted.
    let changes = [
        OPENID,
        ("max_age", "00000000000000000000000000000000000008999"),
    ];
    let login = asked(&op, &mut browser, &changes).await;
    assert_eq!(login.page_kind(), "login");
    let request = op.authorization("bank", "https://bank.example/callback", "openid");
    let answer = browser.get_with("/authorize", &request).await;
    assert_eq!(answer.page_kind(), "consent", "its default is as long");
}

#[tokio::test]
async fn max_age_of_zero_is_prompt_login_within_the_very_second_too() {
    // OpenID Connect Core, section 3.1.2.1: "max_age=0 is effectively the same as prompt=login".
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let login = asked(&op, &mut browser, &[OPENID, ("max_age", "0")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    id_token_of(&op, &back).await;
}

#[tokio::test]
async fn a_proof_that_takes_its_time_still_counts_in_its_own_request() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[OPENID, ("max_age", "1")]).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    op.clock.advance(60); // reads what is asked for
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    id_token_of(&op, &back).await;
}

#[tokio::test]
async fn but_not_for_as_long_as_a_page_stands_open() {
    let op = TestProvider::start().await;
    for (max_age, page_kind) in [("1", "login"), ("100000", "other")] {
        let mut browser = op.browser();
        let changes = [
            ("scope", "openid phone"),
            ("max_age", max_age),
            ("prompt", "consent"),
        ];
        let login = asked(&op, &mut browser, &changes).await;
        let consent = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        assert_eq!(consent.page_kind(), "consent");
        op.clock.advance(301);
        let answer = browser.submit(&consent, &[("decision", "allow")]).await;
        assert_eq!(answer.page_kind(), page_kind, "{max_age}: {answer:?}");
    }
}

#[tokio::test]
async fn with_none_a_session_that_is_too_old_is_login_required() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    op.clock.advance(100);
    let changes = [OPENID, ("prompt", "none"), ("max_age", "99")];
    let answer = asked(&op, &mut browser, &changes).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
    let changes = [OPENID, ("prompt", "none"), ("max_age", "100")];
    id_token_of(&op, &asked(&op, &mut browser, &changes).await).await;
}

#[tokio::test]
async fn a_clients_default_max_age_applies_where_the_request_names_none() {
    let op = TestProvider::start().await;
    let metadata = r#"{"redirect_uris": ["https://bank.example/callback"], "default_max_age": 60}"#;
    op.add_client_with("bank", Some("secret"), metadata).await;
    let mut browser = op.signed_in(&ALICE).await;
    op.clock.advance(61);
    let mut request = op.authorization("bank", "https://bank.example/callback", "openid");
    assert_eq!(
        browser.get_with("/authorize", &request).await.page_kind(),
        "login"
    );
    request.push(("max_age", "100".to_owned()));
    assert_eq!(
        browser.get_with("/authorize", &request).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn a_session_ends_after_its_absolute_lifetime() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    op.clock
        .advance(op.provider.site.settings.sessions.lifetime_seconds - 1);
    let silent = asked(&op, &mut browser, &[OPENID, ("prompt", "none")]).await;
    assert!(silent.location_parameter("code").is_some(), "{silent:?}");
    op.clock.advance(1);
    let answer = asked(&op, &mut browser, &[OPENID, ("prompt", "none")]).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
}

fn time(id_token: &Value) -> i64 {
    id_token["auth_time"].as_i64().expect("auth_time")
}
