//! Attack case 66: a renewal of a session whose response was lost. Whatever the browser missed, it
//! has one session, and a sign-out leaves nothing of it behind (OpenID Connect Core 1.0, section
//! 3.1.2.1; RP-Initiated Logout 1.0, section 2).

use countersign_testing::{ALICE, Answer, BOB, Browser, TestProvider, Tokens, callback};

use crate::expect;

const CLIENT: &str = "confidential";
const CALLBACK: &str = callback::CONFIDENTIAL;

fn cookie_of(browser: &Browser) -> (String, String) {
    let mut cookies = browser.cookies.iter();
    let found = cookies.find(|(name, _)| name.ends_with("_session"));
    let (name, value) = found.expect("a session");
    (name.clone(), value.clone())
}

/// The id part of a cookie: the session's.
fn session_of(browser: &Browser) -> String {
    cookie_of(browser).1[..28].to_owned()
}

/// `prompt=login`, up to the page that asks for the password.
async fn asked_again(op: &TestProvider, browser: &mut Browser) -> Answer {
    let mut request = op.authorization(CLIENT, CALLBACK, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    login
}

async fn redeemed(op: &TestProvider, answer: &Answer) -> Tokens {
    let code = answer.location_parameter("code");
    let code = code.unwrap_or_else(|| panic!("no code: {answer:?}"));
    op.redeem(CLIENT, CALLBACK, &code).await.tokens()
}

/// Gives the password to the page; the browser never sees the response.
async fn lost(browser: &Browser, login: &Answer) -> Answer {
    let mut unheard = browser.clone();
    unheard.sign_in(login, ALICE.username, ALICE.password).await
}

async fn sign_out(browser: &mut Browser) {
    let page = browser.get("/logout").await;
    assert_eq!(page.page_kind(), "logout", "{page:?}");
    let bye = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(bye.body.contains("You are signed out"), "{bye:?}");
}

#[tokio::test]
async fn attack_66_a_sign_out_ends_all_that_lost_renewals_brought_and_a_renewal_ends_nothing() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, CLIENT, CALLBACK, "openid")
        .await;
    let mut online = vec![op.redeem(CLIENT, CALLBACK, &code).await.tokens()];
    // Another application under the same session, and one that works offline.
    let other = callback::PUBLIC;
    let code = op
        .code(&mut browser, &ALICE, "public", other, "openid")
        .await;
    online.push(op.redeem("public", other, &code).await.tokens());
    let scope = "openid offline_access";
    let code = op.code(&mut browser, &ALICE, CLIENT, CALLBACK, scope).await;
    let offline = op.redeem(CLIENT, CALLBACK, &code).await.tokens();
    let session = session_of(&browser);

    // Three clicks, of which the first two responses are lost; each had a code that someone
    // redeemed.
    let login = asked_again(&op, &mut browser).await;
    for _ in 0..2 {
        let login = asked_again(&op, &mut browser).await;
        online.push(redeemed(&op, &lost(&browser, &login).await).await);
    }
    let answer = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    online.push(redeemed(&op, &answer).await);
    assert_eq!(session_of(&browser), session, "it is the same session");
    for tokens in &online {
        assert!(expect::is_accepted(&op, &tokens.access_token).await);
    }

    sign_out(&mut browser).await;
    for (number, tokens) in online.iter().enumerate() {
        let accepted = expect::is_accepted(&op, &tokens.access_token).await;
        assert!(!accepted, "sign-in {number}");
    }
    assert!(
        expect::is_accepted(&op, &offline.access_token).await,
        "what works offline survives a sign-out"
    );
}

#[tokio::test]
async fn attack_66_one_form_that_is_sent_twice_renews_once_more() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let session = session_of(&browser);
    let login = asked_again(&op, &mut browser).await;
    let first = lost(&browser, &login).await;
    let second = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(session_of(&browser), session);
    // The second click's code takes the place of the first one's.
    let code = first.location_parameter("code").expect("a code");
    let refused = op.redeem(CLIENT, CALLBACK, &code).await;
    expect::refused(&refused, "invalid_grant");
    let tokens = redeemed(&op, &second).await;
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    sign_out(&mut browser).await;
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_66_an_earlier_cookie_signs_no_one_in() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let login = asked_again(&op, &mut browser).await;
    lost(&browser, &login).await;
    let mut request = op.authorization(CLIENT, CALLBACK, "openid");
    let asked = browser.get_with("/authorize", &request).await;
    assert_eq!(asked.page_kind(), "login", "{asked:?}");
    request.push(("prompt", "none".to_owned()));
    let silent = browser.get_with("/authorize", &request).await;
    expect::sent_back(&silent, CALLBACK, "login_required");
    let page = browser.get("/logout").await;
    let name = ALICE.username;
    assert!(!page.body.contains(name), "nor is anyone named: {page:?}");
}

#[tokio::test]
async fn attack_66_a_sign_out_with_an_earlier_cookie_ends_the_session() {
    for with_hint in [false, true] {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        let code = op
            .code(&mut browser, &ALICE, CLIENT, CALLBACK, "openid")
            .await;
        let first = op.redeem(CLIENT, CALLBACK, &code).await.tokens();
        let login = asked_again(&op, &mut browser).await;
        let unheard = redeemed(&op, &lost(&browser, &login).await).await;
        match with_hint {
            false => sign_out(&mut browser).await,
            true => {
                // The ID token of a sign-in whose cookie never arrived names the same session.
                let hint = unheard.id_token.clone().expect("an ID token");
                let request = [("id_token_hint", hint)];
                let bye = browser.get_with("/logout", &request).await;
                assert!(bye.body.contains("You are signed out"), "{bye:?}");
            }
        }
        for tokens in [first, unheard] {
            assert!(!expect::is_accepted(&op, &tokens.access_token).await);
        }
    }
}

#[tokio::test]
async fn attack_66_another_users_sign_in_with_an_earlier_cookie_ends_the_session() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let session = session_of(&browser);
    let login = asked_again(&op, &mut browser).await;
    let alices = redeemed(&op, &lost(&browser, &login).await).await;
    let login = asked_again(&op, &mut browser).await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    assert_ne!(session_of(&browser), session);
    assert!(!expect::is_accepted(&op, &alices.access_token).await);
}

#[tokio::test]
async fn attack_66_a_first_sign_in_that_is_sent_twice_is_one_session() {
    // A double click: neither request has a session's cookie, and whichever response comes last is
    // the one that the browser keeps. Signing out must end what came of either.
    let op = TestProvider::start().await;
    let login = {
        let mut browser = op.browser();
        let page = browser.get("/account").await;
        (browser, page)
    };
    let (browser, page) = login;
    let (mut first, mut second) = (browser.clone(), browser);
    for click in [&mut first, &mut second] {
        let opened = click.sign_in(&page, ALICE.username, ALICE.password).await;
        assert_eq!(
            opened.raw_location().as_deref(),
            Some("/account"),
            "{opened:?}"
        );
    }
    let own = second.get("/account").await;
    assert!(own.body.contains(ALICE.name), "{own:?}");
    assert_eq!(
        first.get("/account").await.page_kind(),
        "login",
        "an earlier secret"
    );
    let confirmed = first.get("/logout").await;
    first.submit(&confirmed, &[("decision", "confirm")]).await;
    assert_eq!(second.get("/account").await.page_kind(), "login");
    // What ended does not come back by its form.
    let again = second.sign_in(&page, ALICE.username, ALICE.password).await;
    assert_eq!(
        again.raw_location().as_deref(),
        Some("/account"),
        "{again:?}"
    );
    assert!(second.get("/account").await.body.contains(ALICE.name));
}
