//! Attack case 70: consent that the operator skipped is no consent of the user's (OpenID Connect
//! Core 1.0, section 3.1.2.4).

use countersign_testing::{ALICE, Answer, Browser, ClientPersona, TestProvider, callback};

use crate::expect;

const CLIENT: &str = "first-party";
const CALLBACK: &str = callback::FIRST_PARTY;

async fn take_the_switch_away(op: &TestProvider) {
    let metadata = ClientPersona::named(CLIENT).metadata;
    let asks = metadata.replace("\"insecure_skip_consent\": true,", "");
    assert_ne!(asks, metadata);
    op.update_client(CLIENT, &asks).await;
}

async fn silent(op: &TestProvider, browser: &mut Browser, scope: &str) -> Answer {
    let mut request = op.authorization(CLIENT, CALLBACK, scope);
    request.push(("prompt", "none".to_owned()));
    browser.get_with("/authorize", &request).await
}

async fn consent_page(op: &TestProvider, browser: &mut Browser, scope: &str) -> Answer {
    let request = op.authorization(CLIENT, CALLBACK, scope);
    let page = browser.get_with("/authorize", &request).await;
    assert_eq!(page.page_kind(), "consent", "{page:?}");
    page
}

#[tokio::test]
async fn attack_70_after_the_switch_is_off_the_user_is_asked() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let scope = "openid profile";
    let code = op.code(&mut browser, &ALICE, CLIENT, CALLBACK, scope).await;
    let tokens = op.redeem(CLIENT, CALLBACK, &code).await.tokens();
    let answer = silent(&op, &mut browser, scope).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");

    take_the_switch_away(&op).await;
    let answer = silent(&op, &mut browser, scope).await;
    expect::sent_back(&answer, CALLBACK, "consent_required");
    let page = consent_page(&op, &mut browser, scope).await;
    let allowed = browser.submit(&page, &[("decision", "allow")]).await;
    assert!(allowed.location_parameter("code").is_some(), "{allowed:?}");
    let answer = silent(&op, &mut browser, scope).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    assert!(
        expect::is_accepted(&op, &tokens.access_token).await,
        "what was granted while it was on lives on"
    );
}

#[tokio::test]
async fn attack_70_what_was_skipped_is_not_allowed_along_with_less() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let (all, less) = ("openid profile email", "openid email");
    op.code(&mut browser, &ALICE, CLIENT, CALLBACK, all).await;
    take_the_switch_away(&op).await;
    let page = consent_page(&op, &mut browser, less).await;
    browser.submit(&page, &[("decision", "allow")]).await;
    let answer = silent(&op, &mut browser, less).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    let answer = silent(&op, &mut browser, all).await;
    expect::sent_back(&answer, CALLBACK, "consent_required");
}
