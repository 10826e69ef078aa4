//! POST /authorize from another site comes without our `SameSite=Lax` cookies, so it is sent again
//! from our own side before it is looked at.

use countersign_testing::{ALICE, Browser, TestProvider};
use http::{Method, StatusCode};

use super::{CALLBACK, id_token_of, request};
use crate::expect;

/// The browser as another site's POST shows it.
fn without_cookies(browser: &Browser) -> Browser {
    let mut bare = browser.clone();
    bare.cookies.clear();
    bare
}

#[tokio::test]
async fn a_cross_site_post_comes_again_as_a_get_and_finds_the_session() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = request(&op, &[("scope", "openid"), ("state", "a state & more=1")]);
    let again = without_cookies(&browser).post("/authorize", &request).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{again:?}");
    let address = again.raw_location().expect("a location");
    assert!(
        address.starts_with("/authorize?"),
        "our own side: {address}"
    );
    assert!(
        again.set_cookies().is_empty(),
        "or the session's browser would be another"
    );

    let back = browser.get(&address).await;
    assert_eq!(
        back.location_parameter("state").as_deref(),
        Some("a state & more=1")
    );
    assert_eq!(id_token_of(&op, &back).await["sub"], ALICE.sub);
}

#[tokio::test]
async fn one_that_is_too_long_for_an_address_is_posted_again_by_a_page() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let long = "x".repeat(6_000);
    let request = request(&op, &[("scope", "openid"), ("unknown", &long)]);
    let page = without_cookies(&browser).post("/authorize", &request).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.form_action().as_deref(), Some("/authorize"));
    assert_eq!(page.hidden_field("unknown"), Some(long));

    let back = browser.submit(&page, &[]).await;
    assert_eq!(id_token_of(&op, &back).await["sub"], ALICE.sub);
    // A browser without cookies then gets the sign-in page, not the same page forever.
    let login = op.browser().submit(&page, &[]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
}

#[tokio::test]
async fn a_post_from_our_own_side_is_answered_at_once() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let back = browser
        .post("/authorize", &request(&op, &[("scope", "openid")]))
        .await;
    assert_eq!(id_token_of(&op, &back).await["sub"], ALICE.sub);
    let refused = browser
        .post("/authorize", &request(&op, &[("max_age", "x")]))
        .await;
    expect::sent_back(&refused, CALLBACK, "invalid_request");
}

#[tokio::test]
async fn a_post_that_is_no_form_is_a_page() {
    // OpenID Connect Core, section 3.1.2.1: form serialization.
    let op = TestProvider::start().await;
    let form = countersign_testing::form(&request(&op, &[]));
    for content_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let headers = [("content-type", content_type.to_owned())];
        let body = Some(form.clone());
        let answer = op
            .browser()
            .send(Method::POST, "/authorize", &headers, body)
            .await;
        expect::page(&answer);
    }
    for content_type in [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded",
    ] {
        let headers = [("content-type", content_type.to_owned())];
        let body = Some(form.clone());
        let answer = op
            .browser()
            .send(Method::POST, "/authorize", &headers, body)
            .await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{content_type}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn the_page_that_posts_again_may_be_led_to_the_client_and_on() {
    // CSP Level 3, section 6.4.1: the second round follows a form, and may redirect at once.
    let op = TestProvider::start().await;
    let browser = op.signed_in(&ALICE).await;
    let long = "x".repeat(6_000);
    let posted = request(&op, &[("scope", "openid"), ("unknown", &long)]);
    let page = without_cookies(&browser).post("/authorize", &posted).await;
    assert_eq!(page.form_action().as_deref(), Some("/authorize"));
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("form-action"), "{policy}");
    // One that is not the client's own is led nowhere.
    let foreign = [
        ("redirect_uri", "https://evil.example/"),
        ("unknown", &long),
    ];
    let refused = without_cookies(&browser)
        .post("/authorize", &request(&op, &foreign))
        .await;
    expect::page(&refused);
    let policy = refused.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
}
