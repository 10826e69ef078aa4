//! Third-party initiated login (OpenID Connect Core, section 4).

use countersign_testing::{ALICE, ISSUER, TestProvider};
use http::{Method, StatusCode};
use serde_json::json;

use crate::expect;
use crate::register::{management, open, register, send};

const CALLBACK: &str = "https://shop.example/callback";
const START: &str = "https://shop.example/start?tenant=1";

async fn add_client(op: &TestProvider) {
    let metadata = json!({
        "client_name": "The Shop",
        "redirect_uris": [CALLBACK],
        "initiate_login_uri": START,
        "token_endpoint_auth_method": "none",
    });
    op.add_client_with("shop", None, &metadata.to_string())
        .await;
}

#[tokio::test]
async fn the_account_page_lists_applications_and_starts_a_sign_in() {
    let op = TestProvider::start().await;
    add_client(&op).await;
    let mut browser = op.browser();
    op.code(&mut browser, &ALICE, "shop", CALLBACK, "openid profile")
        .await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("The Shop"), "{page:?}");
    let link = "/initiate_login?client_id=shop";
    assert!(page.body.contains(&format!("href=\"{link}\"")), "{page:?}");
    let answer = browser.get(link).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.raw_location().expect("a location");
    assert!(location.starts_with(&format!("{START}&")), "{location}");
    assert_eq!(answer.location_parameter("iss").as_deref(), Some(ISSUER));
    let hint = answer.location_parameter("login_hint");
    assert_eq!(hint.as_deref(), Some(ALICE.username));
    assert_eq!(answer.location_parameter("target_link_uri"), None);
}

/// A portal of the operator's own may lead there, also before anyone has signed in.
#[tokio::test]
async fn without_consent_nothing_is_told_of_the_person() {
    let op = TestProvider::start().await;
    add_client(&op).await;
    for mut browser in [op.browser(), op.signed_in(&ALICE).await] {
        let answer = browser.get("/initiate_login?client_id=shop").await;
        assert_eq!(answer.location_parameter("iss").as_deref(), Some(ISSUER));
        assert_eq!(answer.location_parameter("login_hint"), None);
    }
    for unknown in ["", "?client_id=nobody", "?client_id=confidential"] {
        let answer = op.browser().get(&format!("/initiate_login{unknown}")).await;
        expect::page(&answer);
    }
}

/// RFC 9700, section 4.11.2; OpenID Connect Registration, section 2.
#[tokio::test]
async fn no_one_is_sent_to_an_unvouched_client_before_they_consented() {
    let op = open().await;
    let mut metadata = json!({
        "client_name": "The Shop",
        "redirect_uris": [CALLBACK],
        "initiate_login_uri": "http://localhost/start",
        "token_endpoint_auth_method": "none",
    });
    let refused = register(&op, None, &metadata).await;
    expect::refused(&refused, "invalid_client_metadata");
    metadata["initiate_login_uri"] = json!(START);
    let registered = register(&op, None, &metadata).await.json();
    assert_eq!(registered["initiate_login_uri"], START);
    let client_id = registered["client_id"].as_str().expect("an id");
    let path = format!("/initiate_login?client_id={client_id}");
    let mut browser = op.signed_in(&ALICE).await;
    expect::page(&browser.get(&path).await);
    op.code(&mut browser, &ALICE, client_id, CALLBACK, "openid")
        .await;
    let answer = browser.get(&path).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    expect::page(&op.browser().get(&path).await);
}

/// RFC 9700, section 4.11.2: what the client has since made of itself, no one consented to.
#[tokio::test]
async fn no_one_is_sent_to_an_unvouched_client_that_changed_after_they_consented() {
    for (member, value) in [
        ("initiate_login_uri", "https://elsewhere.example/start"),
        ("client_name", "The Bank"),
    ] {
        let op = open().await;
        let metadata = json!({
            "client_name": "The Shop",
            "redirect_uris": [CALLBACK],
            "initiate_login_uri": START,
            "token_endpoint_auth_method": "none",
        });
        let registered = register(&op, None, &metadata).await.json();
        let client_id = registered["client_id"].as_str().expect("an id");
        let link = format!("/initiate_login?client_id={client_id}");
        let mut browser = op.browser();
        op.code(&mut browser, &ALICE, client_id, CALLBACK, "openid profile")
            .await;
        let account = browser.get("/account").await;
        assert!(account.body.contains(&link), "{account:?}");
        assert_eq!(browser.get(&link).await.status, StatusCode::SEE_OTHER);

        let (path, token) = management(&registered);
        let mut change = registered.clone();
        change[member] = json!(value);
        let changed = send(&op, Method::PUT, &path, Some(&token), Some(&change)).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        expect::page(&browser.get(&link).await);
        let account = browser.get("/account").await;
        assert!(!account.body.contains(&link), "{account:?}");
        // A new consent is to what the client is now.
        op.code(&mut browser, &ALICE, client_id, CALLBACK, "openid profile")
            .await;
        assert_eq!(browser.get(&link).await.status, StatusCode::SEE_OTHER);
    }
}
