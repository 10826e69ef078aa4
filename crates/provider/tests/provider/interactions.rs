//! Finishing an authorization twice: while its code is unused it is replaced, and afterwards it
//! is done.

use countersign_testing::{ALICE, Answer, BOB, Browser, TestProvider, callback};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

async fn at_consent(op: &TestProvider, browser: &mut Browser) -> Answer {
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await
}

async fn allowed(browser: &mut Browser, consent: &Answer) -> Answer {
    browser.submit(consent, &[("decision", "allow")]).await
}

fn code_of(answer: &Answer) -> String {
    answer
        .location_parameter("code")
        .unwrap_or_else(|| panic!("no code: {answer:?}"))
}

#[tokio::test]
async fn finishing_twice_replaces_the_code_while_it_is_unused() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let first = code_of(&allowed(&mut browser, &consent).await);
    let second = code_of(&allowed(&mut browser, &consent).await);
    assert_ne!(first, second);
    // The first is unknown now, and trying it costs the second nothing.
    expect::refused(
        &op.redeem("confidential", CALLBACK, &first).await,
        "invalid_grant",
    );
    let answer = op.redeem("confidential", CALLBACK, &second).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn finishing_again_after_the_code_was_used_says_that_it_is_done() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let again = allowed(&mut browser, &consent).await;
    expect::sent_back(&again, CALLBACK, "access_denied");
    let description = again.location_parameter("error_description").expect("one");
    assert!(
        description.contains("authorization_already_done"),
        "{description}"
    );
    assert!(
        expect::is_accepted(&op, &tokens.access_token).await,
        "and nothing changed"
    );
}

#[tokio::test]
async fn an_authorization_whose_grant_ended_is_not_begun_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    // Invalidated by a wrong redirect_uri.
    let wrong = op
        .redeem("confidential", "https://confidential.example/x", &code)
        .await;
    expect::refused(&wrong, "invalid_grant");
    let again = allowed(&mut browser, &consent).await;
    expect::sent_back(&again, CALLBACK, "access_denied");
}

#[tokio::test]
async fn the_sign_in_page_can_be_posted_twice_as_well() {
    // A double click, or the browser's back button after a client without a consent page.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let first = code_of(
        &browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await,
    );
    let second = code_of(
        &browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await,
    );
    let refused = op
        .redeem("first-party", callback::FIRST_PARTY, &first)
        .await;
    expect::refused(&refused, "invalid_grant");
    let answer = op
        .redeem("first-party", callback::FIRST_PARTY, &second)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn denying_after_allowing_sends_the_denial_and_leaves_the_code() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let code = code_of(&allowed(&mut browser, &consent).await);
    let denied = browser.submit(&consent, &[("decision", "deny")]).await;
    expect::sent_back(&denied, CALLBACK, "access_denied");
    assert_eq!(
        op.redeem("confidential", CALLBACK, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn two_authorizations_side_by_side_do_not_disturb_each_other() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let one = at_consent(&op, &mut browser).await;
    let request = op.authorization("public", callback::PUBLIC, "openid");
    let other = browser.get_with("/authorize", &request).await;
    assert_eq!(other.page_kind(), "consent", "signed in already: {other:?}");
    let one = code_of(&allowed(&mut browser, &one).await);
    let other = code_of(&allowed(&mut browser, &other).await);
    assert_eq!(
        op.redeem("public", callback::PUBLIC, &other).await.status,
        StatusCode::OK
    );
    assert_eq!(
        op.redeem("confidential", CALLBACK, &one).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_mistyped_password_leads_on_in_the_same_authorization() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let again = browser.sign_in(&login, ALICE.username, "mistyped").await;
    assert_eq!(again.page_kind(), "login");
    assert!(again.body.contains("id=\"login-alert\""), "{again:?}");
    assert!(
        again.body.contains("value=\"alice\""),
        "the name need not be typed again: {again:?}"
    );
    assert!(!again.body.contains("mistyped"), "{again:?}");
    let consent = browser
        .sign_in(&again, ALICE.username, ALICE.password)
        .await;
    code_of(&allowed(&mut browser, &consent).await);
}

#[tokio::test]
async fn the_addresses_of_pages_opened_by_hand_say_so_and_lead_to_the_account() {
    let op = TestProvider::start().await;
    for path in ["/login", "/consent"] {
        let answer = op.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        expect::page(&answer);
        let link = "id=\"error-account\" href=\"/account\"";
        assert!(answer.body.contains(link), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_form_of_another_browser_leads_to_its_application_and_to_the_account() {
    let op = TestProvider::start().await;
    let home = r#""client_uri": "https://home.example/""#;
    let metadata = format!(r#"{{"redirect_uris": ["{CALLBACK}"], {home}}}"#);
    op.update_client("confidential", &metadata).await;
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = op.browser().get_with("/authorize", &request).await;
    let answer = op
        .browser()
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    for link in [
        "id=\"error-return\" href=\"https://home.example/\"",
        "id=\"error-account\" href=\"/account\"",
    ] {
        assert!(answer.body.contains(link), "{link}: {answer:?}");
    }

    // A form that cannot be read names no application.
    let forged = [("interaction", "forged"), ("decision", "sign_in")];
    let answer = op.browser().post("/login", &forged).await;
    assert!(!answer.body.contains("error-return"), "{answer:?}");
    assert!(answer.body.contains("error-account"), "{answer:?}");
}

#[tokio::test]
async fn not_you_leads_from_consent_to_the_sign_in_of_another_and_back() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let consent = at_consent(&op, &mut browser).await;
    let login = browser.submit(&consent, &[("decision", "other")]).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    assert!(
        !login.body.contains("login-other"),
        "no one is to confirm: {login:?}"
    );
    // The other mistypes the password and is still not taken for Alice.
    let again = browser.sign_in(&login, BOB.username, "mistyped").await;
    assert!(
        again.body.contains(&format!("value=\"{}\"", BOB.username)),
        "{again:?}"
    );
    assert!(!again.body.contains("login-other"), "{again:?}");
    let consent = browser.sign_in(&again, BOB.username, BOB.password).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let code = code_of(&allowed(&mut browser, &consent).await);
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let claims = countersign_testing::claims_of(&tokens.id_token.expect("an ID token"));
    assert_eq!(claims["sub"], BOB.sub);
}

#[tokio::test]
async fn a_re_authentication_is_of_the_person_who_is_signed_in_unless_another_is_named() {
    let op = TestProvider::start().await;
    for (hint, confirms) in [
        (None, true),
        (Some(ALICE.username), true),
        (Some(BOB.username), false),
    ] {
        let mut browser = op.signed_in(&ALICE).await;
        let mut request = op.authorization("confidential", CALLBACK, "openid");
        request.push(("prompt", "login".to_owned()));
        request.extend(hint.map(|hint| ("login_hint", hint.to_owned())));
        let login = browser.get_with("/authorize", &request).await;
        assert_eq!(login.page_kind(), "login", "{login:?}");
        assert_eq!(
            login.body.contains("id=\"login-other\""),
            confirms,
            "{hint:?}: {login:?}"
        );
        if confirms {
            let other = browser.submit(&login, &[("decision", "other")]).await;
            assert!(!other.body.contains("id=\"login-other\""), "{other:?}");
        }
    }
}

/// A browser's cookies as Chromium keeps them: in the order of their creation, which is the order
/// in which they are sent (RFC 6265, section 5.4).
#[derive(Default)]
struct Jar(Vec<(String, String)>);

impl Jar {
    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let (value, attributes) = rest.split_once(';').expect("attributes");
            match self.0.iter().position(|(known, _)| known == name) {
                Some(at) if attributes.contains("Max-Age=0") => drop(self.0.remove(at)),
                // What is set again keeps its place (section 5.3, step 11).
                Some(at) => self.0[at].1 = value.to_owned(),
                None => self.0.push((name.to_owned(), value.to_owned())),
            }
        }
    }

    fn header(&self) -> [(&'static str, String); 1] {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        [("cookie", pairs.collect::<Vec<_>>().join("; "))]
    }
}

/// This many first pages of a browser, whose requests all left before the first cookie was there.
async fn opened_at_once(op: &TestProvider, tabs: usize) -> (Jar, Vec<Answer>) {
    let (mut jar, mut pages) = (Jar::default(), Vec::new());
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    for _ in 0..tabs {
        let page = op.browser().get_with("/authorize", &request).await;
        jar.keep(&page);
        pages.push(page);
    }
    (jar, pages)
}

/// Signs in on a page of a browser with these cookies.
async fn signs_in(op: &TestProvider, page: &Answer, jar: &Jar) -> Answer {
    let interaction = page.hidden_field("interaction").expect("a form");
    let fields = [
        ("interaction", interaction.as_str()),
        ("username", ALICE.username),
        ("password", ALICE.password),
    ];
    op.browser()
        .post_with("/login", &fields, &jar.header())
        .await
}

#[tokio::test]
async fn the_first_pages_of_a_browser_opened_at_once_all_lead_on() {
    // A session restore opens several tabs: each request leaves before the other's cookie is there.
    let op = TestProvider::start().await;
    let (jar, pages) = opened_at_once(&op, 60).await;
    assert_eq!(jar.0.len(), 60, "no two share a name");
    for page in pages.iter().take(5).chain(pages.last()) {
        code_of(&signs_in(&op, page, &jar).await);
    }
}

#[tokio::test]
async fn of_more_than_sixteen_cookies_the_oldest_are_removed_and_the_newest_forms_lead_on() {
    let op = TestProvider::start().await;
    let (mut jar, pages) = opened_at_once(&op, 20).await;
    let path = "/authorize?".to_owned()
        + &countersign_testing::form(&op.authorization(
            "first-party",
            callback::FIRST_PARTY,
            "openid",
        ));
    let next = op.browser().get_with_headers(&path, &jar.header()).await;
    jar.keep(&next);
    assert_eq!(jar.0.len(), 16, "{next:?}");
    code_of(&signs_in(&op, &next, &jar).await);
    for (tab, page) in pages.iter().enumerate().skip(2).take(4) {
        let answer = signs_in(&op, page, &jar).await;
        let leads_on = answer.location_parameter("code").is_some();
        assert_eq!(leads_on, tab >= 4, "tab {tab}: {answer:?}");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_cookie_gets_no_other() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let first = browser.get_with("/authorize", &request).await;
    assert_eq!(first.set_cookies().len(), 1, "{first:?}");
    let second = browser.get_with("/authorize", &request).await;
    assert!(second.set_cookies().is_empty(), "{second:?}");
}

#[tokio::test]
async fn a_page_that_was_open_for_too_long_begins_the_sign_in_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", CALLBACK, "openid");
    let login = browser.get_with("/authorize", &request).await;
    op.clock
        .advance(op.provider.site.settings.interactions.lifetime_seconds);
    let again = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(
        again.page_kind(),
        "login",
        "what was typed does not count: {again:?}"
    );
    assert!(again.body.contains("open for too long"), "{again:?}");
    let consent = browser
        .sign_in(&again, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");

    op.clock
        .advance(op.provider.site.settings.interactions.lifetime_seconds);
    let asked = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(
        asked.page_kind(),
        "consent",
        "nor does an old Allow: {asked:?}"
    );
    let back = browser.submit(&asked, &[("decision", "allow")]).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    assert_eq!(
        back.location_parameter("state").as_deref(),
        Some("the-state")
    );
}
