//! What the provider refuses or can't do, as the person at the browser reads it.

use http::StatusCode;

use super::browser::Browser;
use super::fake_provider::FakeProvider;

/// OpenID Connect Core, section 3.1.2.6, RFC 6749, section 4.1.2.1: the provider returns an error
/// instead of a code.
#[tokio::test]
async fn an_error_in_place_of_a_code_says_what_to_do() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    for (error, advice) in [
        ("access_denied", "Nothing was shared with this application."),
        ("invalid_scope", "has to allow the authorization code flow"),
        ("temporarily_unavailable", "Wait a moment, and try again."),
        ("invalid_request", "The provider refused the sign-in"),
    ] {
        let answer = browser.begin(&provider).await;
        let refused = answer.replace("code=c", &format!("error={error}"));
        let page = browser.get(&refused).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{error}");
        assert!(page.body.contains(advice), "{error}: {}", page.body);
    }
    assert_eq!(provider.token_requests(), 0, "nothing was redeemed");
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_signs_no_one_in() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    let answer = browser.begin(&provider).await;
    provider.end_everything();
    let page = browser.get(&answer).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert!(
        page.body.contains("Its code has already been used"),
        "{}",
        page.body
    );
    assert!(browser.get("/").await.body.contains("id=\"sign-in\""));
}

/// OpenID Connect Core, section 3.1.3.7, number 11: the nonce must be the one that was sent.
#[tokio::test]
async fn an_id_token_for_another_sign_in_is_not_believed() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    let first = browser.begin(&provider).await;
    // The provider signs the nonce of the latest request.
    browser.begin(&provider).await;
    let page = browser.get(&first).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert!(
        page.body.contains("The ID token failed verification"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_callback_with_a_parameter_twice_is_refused() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    let answer = browser.begin(&provider).await + "&code=d";
    let page = browser.get(&answer).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert_eq!(provider.token_requests(), 0);
}

#[tokio::test]
async fn a_provider_that_never_starts_is_named() {
    let (provider, _start) = FakeProvider::not_yet_up();
    let mut browser = Browser::of(&provider.demo());
    let page = browser.get("/sign-in").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let port = provider.issuer.rsplit(':').next().expect("a port");
    assert!(
        page.body.contains("Start the provider at http:"),
        "{}",
        page.body
    );
    assert!(page.body.contains(port), "{}", page.body);
}
