//! The account page: a journey that ends at a page of our own.

use countersign_testing::{ALICE, BOB, TestProvider, callback};
use http::StatusCode;

#[tokio::test]
async fn a_person_signs_in_sees_who_they_are_and_signs_out() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = browser.get("/account").await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    assert!(login.body.contains("to open your account"), "{login:?}");
    assert!(!login.body.contains("id=\"login-cancel\""), "{login:?}");

    let wrong = browser.sign_in(&login, ALICE.username, "wrong").await;
    assert_eq!(wrong.page_kind(), "login", "{wrong:?}");
    let opened = browser
        .sign_in(&wrong, ALICE.username, ALICE.password)
        .await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{opened:?}");
    assert_eq!(opened.raw_location().as_deref(), Some("/account"));

    let page = browser.get("/account").await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.body.contains("Your account"), "{page:?}");
    assert!(page.body.contains(ALICE.name), "{page:?}");

    // One press: the page says whose session it is, so no one needs to be asked again.
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert_eq!(browser.get("/account").await.page_kind(), "login");
}

#[tokio::test]
async fn an_application_and_the_account_page_share_the_session() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    op.code(
        &mut browser,
        &ALICE,
        "confidential",
        callback::CONFIDENTIAL,
        "openid",
    )
    .await;
    let page = browser.get("/account").await;
    assert!(page.body.contains(ALICE.name), "{page:?}");
}

#[tokio::test]
async fn a_sign_out_button_of_another_persons_page_asks_again() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let alices = browser.get("/account").await;
    browser
        .cookies
        .retain(|name, _| !name.ends_with("_session"));
    let login = browser.get("/account").await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    let asked = browser.submit(&alices, &[("decision", "confirm")]).await;
    assert_eq!(asked.page_kind(), "logout", "{asked:?}");
    assert!(asked.body.contains(BOB.name), "{asked:?}");
}

#[tokio::test]
async fn a_form_of_the_account_page_is_no_form_of_an_authorization() {
    // The destination is sealed in the form; posting it to the other page's address changes
    // nothing.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = browser.get("/account").await;
    let interaction = login.hidden_field("interaction").expect("a form");
    let fields = [("interaction", interaction.as_str()), ("decision", "allow")];
    let answer = browser.post("/consent", &fields).await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
    let cancelled = browser.submit(&login, &[("decision", "cancel")]).await;
    assert_eq!(cancelled.page_kind(), "error", "{cancelled:?}");
}

#[tokio::test]
async fn the_issuers_own_address_leads_to_the_account() {
    let op = TestProvider::start().await;
    let answer = op.browser().get("/").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    assert_eq!(answer.raw_location().as_deref(), Some("/account"));
}
