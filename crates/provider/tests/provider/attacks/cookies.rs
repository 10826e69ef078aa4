//! Attack cases 50 and 51: the session's cookie (RFC 6265bis 4.1.3, OWASP ASVS 7.2).

use countersign_testing::{ALICE, Answer, BOB, Browser, Options, TestProvider, callback};

/// The name and value of the session's cookie.
fn session_of(browser: &Browser) -> (String, String) {
    let found = browser
        .cookies
        .iter()
        .find(|(name, _)| name.ends_with("_session"));
    let (name, value) = found.expect("a session");
    (name.clone(), value.clone())
}

fn has_session(browser: &Browser) -> bool {
    browser
        .cookies
        .keys()
        .any(|name| name.ends_with("_session"))
}

/// Whether a silent request finds someone signed in.
async fn is_signed_in(op: &TestProvider, browser: &mut Browser) -> bool {
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "none".to_owned()));
    let answer = browser.get_with("/authorize", &request).await;
    answer.location_parameter("error").as_deref() != Some("login_required")
}

#[tokio::test]
async fn attack_50_no_one_has_a_session_before_signing_in() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = browser.get_with("/authorize", &request).await;
    assert!(!has_session(&browser));
    browser.sign_in(&login, ALICE.username, "wrong").await;
    assert!(!has_session(&browser));
}

#[tokio::test]
async fn attack_50_a_session_id_that_was_set_beforehand_is_not_adopted() {
    let op = TestProvider::start().await;
    let name = op.provider.cookies.session.clone();
    let planted = format!("cs_bs_{}{}", "A".repeat(22), "B".repeat(42) + "A");
    // A made-up one, and a real one of someone else's.
    let (_, bobs) = session_of(&op.signed_in(&BOB).await);
    for planted in [planted, bobs] {
        let mut browser = op.browser();
        browser.cookies.insert(name.clone(), planted.clone());
        let mut request = op.authorization("public", callback::PUBLIC, "openid");
        request.push(("prompt", "login".to_owned()));
        let login = browser.get_with("/authorize", &request).await;
        browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        let (_, session) = session_of(&browser);
        assert_ne!(session, planted);
        assert_ne!(session[..28], planted[..28], "nor its id");
        // Who planted it is not signed in by it.
        let mut thief = op.browser();
        thief.cookies.insert(name.clone(), planted);
        assert!(!is_signed_in(&op, &mut thief).await);
    }
}

#[tokio::test]
async fn attack_50_the_session_id_rotates_whenever_the_password_is_given_again() {
    let op = TestProvider::start().await;
    for (name, value) in [("prompt", "login"), ("max_age", "0"), ("max_age", "60")] {
        let mut browser = op.signed_in(&ALICE).await;
        op.clock.advance(120);
        let (cookie, before) = session_of(&browser);
        let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        request.push((name, value.to_owned()));
        let login = browser.get_with("/authorize", &request).await;
        assert_eq!(login.page_kind(), "login", "{name}={value}: {login:?}");
        browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        let (_, after) = session_of(&browser);
        assert_ne!(before, after, "{name}={value}");

        let mut thief = op.browser();
        thief.cookies.insert(cookie, before);
        assert!(
            !is_signed_in(&op, &mut thief).await,
            "the old value is void"
        );
        assert!(is_signed_in(&op, &mut browser).await);
    }
}

#[tokio::test]
async fn attack_50_a_cookie_holds_one_user() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let (name, alices) = session_of(&browser);
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    let mut thief = op.browser();
    thief.cookies.insert(name, alices);
    assert!(
        !is_signed_in(&op, &mut thief).await,
        "signing in as another ends the old session"
    );
}

#[tokio::test]
async fn attack_51_every_cookie_is_bound_to_the_host_and_out_of_a_scripts_reach() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let logout = browser.get("/logout").await;
    let bye = browser.submit(&logout, &[("decision", "confirm")]).await;
    let mut seen = 0;
    for cookie in [login, consent, logout, bye]
        .iter()
        .flat_map(|answer| answer.set_cookies())
    {
        seen += 1;
        // RFC 6265bis 4.1.3.2: the prefix demands Secure, Path=/ and no Domain.
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.contains(&attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain="), "{cookie}");
    }
    assert_eq!(
        seen, 4,
        "the browser's, the session's, the device's, and the session's end"
    );
}

#[tokio::test]
async fn attack_51_the_state_of_session_management_alone_can_be_read_by_scripts() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.logout.session_management = true;
    }))
    .await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let (_, session) = session_of(&browser);
    let mut readable = Vec::new();
    for cookie in [login, consent, back].iter().flat_map(Answer::set_cookies) {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        assert!(
            cookie.contains("; Secure") && cookie.contains("; Path=/"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain="), "{cookie}");
        if !cookie.contains("; HttpOnly") {
            readable.push(cookie);
        }
    }
    let state = op.provider.cookies.state.clone();
    assert!(!readable.is_empty());
    for cookie in readable {
        assert!(cookie.starts_with(&format!("{state}=")), "{cookie}");
        // It proves nothing: no part of the session's secret is in it.
        let (_, value) = cookie.split_once('=').expect("a value");
        let value = value.split(';').next().expect("a value");
        assert!(!session.contains(value) && !value.contains(&session[28..]));
        let mut thief = op.browser();
        thief.cookies.insert(state.clone(), value.to_owned());
        thief
            .cookies
            .insert(op.provider.cookies.session.clone(), value.to_owned());
        assert!(!is_signed_in(&op, &mut thief).await);
    }
}

#[tokio::test]
async fn attack_51_over_http_on_loopback_cookies_lack_what_browsers_would_refuse_and_no_more() {
    let op = TestProvider::start_with(Options::at("http://localhost:8080")).await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = op.browser().get_with("/authorize", &request).await;
    for cookie in login.set_cookies() {
        assert!(
            !cookie.contains("__Host-") && !cookie.contains("Secure"),
            "{cookie}"
        );
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn attack_51_tossed_cookies_are_ignored() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let (name, value) = session_of(&browser);
    let unprefixed = name.trim_start_matches("__Host-").to_owned();

    // Another host cannot set the prefixed name; what it can set says nothing here.
    let mut thief = op.browser();
    thief.cookies.insert(unprefixed, value.clone());
    assert!(!is_signed_in(&op, &mut thief).await);

    // One of the same name, sent first, neither signs anyone in nor hides the real one.
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "none".to_owned()));
    let query = countersign_testing::form(&request);
    for tossed in ["", "x", "cs_bs_", &value[..70], "\"quoted\"", "é"] {
        let together = format!("{name}={tossed}; {name}={value}; neighbour=\u{e9}");
        let together = [("cookie", together)];
        let tossed = [("cookie", format!("{name}={tossed}"))];
        let path = format!("/authorize?{query}");
        let answer = browser.get_with_headers(&path, &tossed).await;
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        let answer = op.browser().get_with_headers(&path, &together).await;
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        let answer = op.browser().get_with_headers(&path, &tossed).await;
        let error = answer.location_parameter("error");
        assert_eq!(error.as_deref(), Some("login_required"), "{answer:?}");
    }
}

#[tokio::test]
async fn attack_51_a_name_of_ours_behind_a_wider_blank_is_not_ours() {
    // Browsers guard `__Host-` where the name begins with it. To them U+2000 belongs to the name,
    // so that any host beside ours can set what follows it for the whole domain.
    let op = TestProvider::start().await;
    let (name, value) = session_of(&op.signed_in(&ALICE).await);
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "none".to_owned()));
    let path = format!("/authorize?{}", countersign_testing::form(&request));
    for blank in [
        '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}', '\u{2028}', '\u{3000}', '\u{b}',
    ] {
        for cookie in [
            format!("{blank}{name}={value}"),
            format!("{name}{blank}={value}"),
            format!("first=1; {blank}{name}={value}"),
        ] {
            let Ok(cookie) = http::HeaderValue::from_str(&cookie) else {
                continue; // a character that no header has
            };
            let cookie = [(
                "cookie",
                String::from_utf8_lossy(cookie.as_bytes()).into_owned(),
            )];
            let answer = op.browser().get_with_headers(&path, &cookie).await;
            let error = answer.location_parameter("error");
            assert_eq!(error.as_deref(), Some("login_required"), "{cookie:?}");
        }
    }
    for blank in [" ", "\t", "  \t"] {
        let cookie = [("cookie", format!("first=1;{blank}{name}={value}{blank}"))];
        let answer = op.browser().get_with_headers(&path, &cookie).await;
        assert!(answer.location_parameter("code").is_some(), "{cookie:?}");
    }
}

#[tokio::test]
async fn attack_52_however_often_a_page_is_asked_for_without_cookies_few_cookies_are_kept() {
    let op = TestProvider::start().await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let mut browser = op.browser();
    for _ in 0..200 {
        let login = op.browser().get_with("/authorize", &request).await;
        for cookie in login.set_cookies() {
            let (name, value) = cookie.split_once('=').expect("a name");
            browser.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
    assert_eq!(browser.cookies.len(), 200, "each page has its own");
    // The next page that is asked for with them keeps sixteen.
    browser.get_with("/authorize", &request).await;
    assert_eq!(browser.cookies.len(), 16);
}

#[tokio::test]
async fn attack_52_a_neighbours_cookie_under_our_name_is_not_adopted() {
    let op = TestProvider::start().await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let prefix = op.provider.cookies.browser.clone();
    for value in [
        "A".repeat(32),
        "\"".repeat(32),
        "A".repeat(31),
        String::new(),
    ] {
        let mut browser = op.browser();
        browser.cookies.insert(format!("{prefix}evil"), value);
        let login = browser.get_with("/authorize", &request).await;
        let consent = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    }
}

#[tokio::test]
async fn attack_51_junk_under_the_sessions_name_does_not_hide_the_session() {
    let op = TestProvider::start().await;
    let (name, value) = session_of(&op.signed_in(&ALICE).await);
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "none".to_owned()));
    let path = format!("/authorize?{}", countersign_testing::form(&request));
    let junk = format!("{name}=junk; ").repeat(40);
    let cookie = [("cookie", format!("{junk}{name}={value}"))];
    let answer = op.browser().get_with_headers(&path, &cookie).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn attack_51_another_sites_post_that_claims_to_be_ours_is_sent_round_like_any_other() {
    // Without this every such post would get a form, and a cookie over the one that is there.
    let op = TestProvider::start().await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("countersign_reposted", "1".to_owned()));
    let body = countersign_testing::form(&request);
    for (site, is_looked_at) in [("cross-site", false), ("same-origin", true)] {
        let headers = [
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("sec-fetch-site", site.to_owned()),
        ];
        let mut browser = op.browser();
        let answer = browser
            .send(
                http::Method::POST,
                "/authorize",
                &headers,
                Some(body.clone()),
            )
            .await;
        assert_eq!(!answer.set_cookies().is_empty(), is_looked_at, "{site}");
        assert_eq!(answer.status == http::StatusCode::SEE_OTHER, !is_looked_at);
    }
}
