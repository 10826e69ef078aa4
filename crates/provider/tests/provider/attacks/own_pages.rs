//! Attack cases 12 and 13: where our own pages lead, and what a form's answer takes along (RFC
//! 9700, sections 4.11 and 4.12).

use countersign_testing::{ALICE, Answer, TestProvider, callback};
use http::{StatusCode, header};

#[tokio::test]
async fn attack_12_no_parameter_of_our_own_pages_leads_elsewhere() {
    let op = TestProvider::start().await;
    let names = [
        "return_to",
        "return_url",
        "returnTo",
        "next",
        "continue",
        "continue_url",
        "redirect",
        "redirect_to",
        "redirect_url",
        "url",
        "target",
        "goto",
        "service",
        "RelayState",
    ];
    for evil in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/%2f/evil.example/",
        "javascript:alert(document.domain)//evil.example/",
        "http:evil.example/",
    ] {
        leads_nowhere(&op, &names, evil).await;
    }
}

async fn leads_nowhere(op: &TestProvider, names: &[&'static str], evil: &str) {
    let query: Vec<(&str, &str)> = names.iter().map(|name| (*name, evil)).collect();
    let mut browser = op.signed_in(&ALICE).await;
    for path in [
        "/account",
        "/login",
        "/consent",
        "/logout",
        "/setup",
        "/device",
        "/device/approval",
        "/errors/login_required",
    ] {
        let answer = browser.get_with(path, &query).await;
        assert!(
            !answer.headers.contains_key(header::LOCATION),
            "{path}: {answer:?}"
        );
        assert!(!answer.body.contains("evil.example"), "{path}: {answer:?}");
    }
    let own = browser.get_with("/", &query).await;
    assert_eq!(own.raw_location().as_deref(), Some("/account"), "{own:?}");
    // All the way through an authorization, in the query and in every form.
    let mut browser = op.browser();
    let mut request = op.authorization("public", callback::PUBLIC, "openid");
    request.extend(names.iter().map(|name| (*name, evil.to_owned())));
    let login = browser.get_with("/authorize", &request).await;
    let mut fields = query.clone();
    fields.extend([("username", ALICE.username), ("password", ALICE.password)]);
    let mut back = browser.submit(&login, &fields).await;
    if back.page_kind() == "consent" {
        let mut fields = query.clone();
        fields.push(("decision", "allow"));
        back = browser.submit(&back, &fields).await;
    }
    let location = back.raw_location().expect("a location");
    assert!(
        location.starts_with("https://public.example/callback?code="),
        "{location}"
    );
    assert!(!location.contains("evil"), "{location}");
}

#[tokio::test]
async fn attack_13_a_posted_password_gets_a_303_and_is_never_sent_on() {
    let op = TestProvider::start().await;
    // There is nothing to consent to: the response to the password is the redirect itself.
    let request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    // RFC 9700, section 4.12: 307 would have the browser post the password to the client.
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{back:?}");

    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{back:?}");

    // The sign-ins that lead to pages of our own, and everything else that is posted.
    for path in ["/account", "/device"] {
        let mut browser = op.browser();
        let page = browser.get(path).await;
        let mut answer = match page.page_kind() {
            "login" => browser.sign_in(&page, ALICE.username, ALICE.password).await,
            _ => browser.submit(&page, &[("user_code", "x")]).await,
        };
        assert_never_sent_on(&answer);
        answer = browser.get("/logout").await;
        if answer.page_kind() == "logout" {
            answer = browser.submit(&answer, &[("decision", "confirm")]).await;
        }
        assert_never_sent_on(&answer);
    }

    let login = op.browser().post("/authorize", &request).await;
    assert_eq!(
        login.status,
        StatusCode::SEE_OTHER,
        "a cross-site POST comes again as a GET"
    );
}

/// RFC 9110, sections 15.4.8 and 15.4.9: these repeat the body; what older browsers do with 301 is
/// theirs to decide.
#[track_caller]
fn assert_never_sent_on(answer: &Answer) {
    let status = answer.status.as_u16();
    assert!(![301, 307, 308].contains(&status), "{answer:?}");
}
