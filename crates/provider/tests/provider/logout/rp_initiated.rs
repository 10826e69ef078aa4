//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0). Forgeries are among the attacks.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_testing::{ALICE, BOB, Browser, Forger, TestProvider, Tokens, callback, claims_of};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;
const BYE: &str = "https://confidential.example/bye";

async fn signed_in(op: &TestProvider) -> (Browser, Tokens, String) {
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let hint = tokens.id_token.clone().expect("an ID token");
    (browser, tokens, hint)
}

fn has_session(browser: &Browser) -> bool {
    browser
        .cookies
        .keys()
        .any(|name| name.ends_with("_session"))
}

#[tokio::test]
async fn a_valid_hint_ends_the_session_and_leads_back_with_the_state() {
    // Sections 2 and 3; GET and POST.
    let state = "0123456789abcdef".repeat(8);
    for post in [false, true] {
        let op = TestProvider::start().await;
        let (mut browser, tokens, hint) = signed_in(&op).await;
        let request = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", BYE),
            ("state", state.as_str()),
        ];
        let answer = match post {
            true => browser.post("/logout", &request).await,
            false => browser.get_with("/logout", &request).await,
        };
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let location = answer.raw_location().expect("a location");
        assert_eq!(location, format!("{BYE}?state={state}"));
        assert!(!has_session(&browser), "the cookie is gone");
        assert!(
            !expect::is_accepted(&op, &tokens.access_token).await,
            "and the session ended"
        );
    }
}

#[tokio::test]
async fn a_hint_without_a_return_address_ends_at_our_own_page() {
    let op = TestProvider::start().await;
    let (mut browser, tokens, hint) = signed_in(&op).await;
    let answer = browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("You are signed out"), "{answer:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn an_expired_hint_and_a_named_client_are_fine() {
    // Section 2: "The OP SHOULD accept ID Tokens when the RP identified by the ID Token's aud claim
    // and/or sid claim has a current session or had a recent session, even when the exp time has
    // passed".
    let op = TestProvider::start().await;
    let (mut browser, _, hint) = signed_in(&op).await;
    op.clock.advance(3_600);
    let request = [
        ("id_token_hint", hint.as_str()),
        ("client_id", "confidential"),
        ("post_logout_redirect_uri", BYE),
        ("logout_hint", "alice"),
        ("ui_locales", "se de"),
        ("unknown", "x"),
    ];
    let answer = browser.get_with("/logout", &request).await;
    assert_eq!(answer.raw_location().as_deref(), Some(BYE), "{answer:?}");
}

#[tokio::test]
async fn who_is_signed_out_already_is_sent_back_all_the_same() {
    let op = TestProvider::start().await;
    let (mut browser, _, hint) = signed_in(&op).await;
    let request = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    for _ in 0..2 {
        let answer = browser.get_with("/logout", &request).await;
        assert_eq!(answer.raw_location().as_deref(), Some(BYE), "{answer:?}");
    }
    let answer = op.browser().get_with("/logout", &request).await;
    assert_eq!(answer.raw_location().as_deref(), Some(BYE), "{answer:?}");
}

#[tokio::test]
async fn without_parameters_there_is_a_visible_page() {
    let op = TestProvider::start().await;
    for request in [vec![], vec![("state", "x")]] {
        let answer = op.browser().get_with("/logout", &request).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(answer.body.contains("You are signed out"), "{answer:?}");
    }
    // Someone who is signed in is asked first.
    let (mut browser, tokens, _) = signed_in(&op).await;
    let page = browser.get("/logout").await;
    assert_eq!(page.page_kind(), "logout");
    assert!(page.body.contains(ALICE.name), "{page:?}");
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!has_session(&browser));
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn what_is_not_proven_is_asked_for_and_leads_nowhere() {
    // Section 4: what failed to validate "MUST NOT be used", and the person can sign out anyway.
    let op = TestProvider::start().await;
    let (mut browser, tokens, hint) = signed_in(&op).await;
    let unsigned = Forger::unsigned(
        &serde_json::json!({ "alg": "none" }),
        &claims_of(&hint),
        b"",
    );
    let elsewhere = TestProvider::start().await;
    elsewhere.replace_key(SignatureAlgorithm::RS256).await;
    elsewhere.clock.advance(2);
    let (_, _, foreign) = signed_in(&elsewhere).await;
    let altered = hint.replacen(&hint[hint.len() - 20..hint.len() - 16], "AAAA", 1);
    let (proof, who, address, unreadable) = (
        "proof of your sign-in was not accepted",
        "know which application is asking",
        "return address is not registered",
        "could not be read",
    );
    let bye = ("post_logout_redirect_uri", BYE);
    let cases: [(&str, &[(&str, &str)]); 10] = [
        (who, &[bye]),
        (who, &[bye, ("state", "x")]),
        (who, &[bye, ("client_id", "no-such-client")]),
        (proof, &[bye, ("id_token_hint", &unsigned)]),
        (proof, &[bye, ("id_token_hint", &foreign)]),
        (proof, &[bye, ("id_token_hint", &altered)]),
        (proof, &[bye, ("id_token_hint", "")]),
        (
            proof,
            &[bye, ("id_token_hint", &hint), ("client_id", "posting")],
        ),
        (
            address,
            &[
                (
                    "post_logout_redirect_uri",
                    "https://confidential.example/by",
                ),
                ("client_id", "confidential"),
            ],
        ),
        (unreadable, &[bye, bye]),
    ];
    for (problem, request) in cases {
        let page = browser.get_with("/logout", request).await;
        if request.iter().any(|(_, value)| value.is_empty()) {
            // RFC 6749, section 3.1: an empty value counts as omitted.
            expect::sign_out_page(&page, who);
            continue;
        }
        assert_eq!(
            page.status,
            StatusCode::BAD_REQUEST,
            "{request:?}: {page:?}"
        );
        expect::sign_out_page(&page, problem);
        assert!(has_session(&browser), "{request:?}");
        assert!(expect::is_accepted(&op, &tokens.access_token).await);
        // There is a way on: the button of each of these pages signs out, on our own page.
        let mut clone = browser.clone();
        let stayed = clone.submit(&page, &[("decision", "cancel")]).await;
        assert_eq!(stayed.status, StatusCode::OK, "{stayed:?}");
    }
    let page = browser.get_with("/logout", &[bye]).await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(done.raw_location(), None, "{done:?}");
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_named_client_gets_the_browser_back_once_the_person_agreed() {
    // Section 2: client_id says whose registered address it is when there is no hint, as
    // oauth2-proxy and others send it. Section 3: "the OP SHOULD ask", and the confirmation is the
    // answer.
    let op = TestProvider::start().await;
    for (state, location) in [
        (None, BYE.to_owned()),
        (Some("s"), format!("{BYE}?state=s")),
    ] {
        for post in [false, true] {
            let (mut browser, tokens, _) = signed_in(&op).await;
            let mut request = vec![
                ("client_id", "confidential"),
                ("post_logout_redirect_uri", BYE),
            ];
            request.extend(state.map(|state| ("state", state)));
            let page = match post {
                true => browser.post("/logout", &request).await,
                false => browser.get_with("/logout", &request).await,
            };
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert_eq!(page.page_kind(), "logout", "{page:?}");
            assert!(page.body.contains("Confidential App"), "{page:?}");
            assert!(!page.body.contains("logout-problem"), "{page:?}");
            assert!(
                expect::is_accepted(&op, &tokens.access_token).await,
                "asked first"
            );
            let back = browser.submit(&page, &[("decision", "confirm")]).await;
            assert_eq!(back.raw_location().as_ref(), Some(&location), "{back:?}");
            assert!(!has_session(&browser));
            assert!(!expect::is_accepted(&op, &tokens.access_token).await);
            // With no one there to ask, the way back is a link: no redirect without proof.
            let page = browser.get_with("/logout", &request).await;
            assert_eq!(page.raw_location(), None, "{page:?}");
            assert!(page.body.contains("You are signed out"), "{page:?}");
            assert!(page.body.contains("id=\"logged-out-continue\""), "{page:?}");
            assert!(page.body.contains(BYE), "{page:?}");
        }
    }
}

#[tokio::test]
async fn a_right_hint_signs_out_at_once_even_where_the_address_is_not_registered() {
    // Section 3: the address must be registered; section 4: only what needs it is aborted.
    let op = TestProvider::start().await;
    for address in [
        format!("{BYE}/"),
        format!("{BYE}?x=1"),
        "https://evil.example/bye".to_owned(),
    ] {
        let (mut browser, tokens, hint) = signed_in(&op).await;
        let request = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", address.as_str()),
            ("state", "s"),
        ];
        let page = browser.get_with("/logout", &request).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert_eq!(page.raw_location(), None, "{page:?}");
        assert!(page.body.contains("You are signed out"), "{page:?}");
        expect::sign_out_page(&page, "return address is not registered");
        assert!(!has_session(&browser), "the cookie is gone");
        assert!(!expect::is_accepted(&op, &tokens.access_token).await);
    }
}

#[tokio::test]
async fn a_confirmation_that_came_too_late_is_asked_for_again() {
    let op = TestProvider::start().await;
    let (mut browser, tokens, _) = signed_in(&op).await;
    let page = browser.get("/logout").await;
    op.clock.advance(3_600);
    let again = browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "{again:?}");
    expect::sign_out_page(&again, "Please decide once more");
    let done = browser.submit(&again, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_hint_of_another_session_of_the_same_user_asks_first() {
    let op = TestProvider::start().await;
    let (mut browser, tokens, _) = signed_in(&op).await;
    let (_, _, other_hint) = signed_in(&op).await;
    let request = [
        ("id_token_hint", other_hint.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let page = browser.get_with("/logout", &request).await;
    assert_eq!(page.page_kind(), "logout", "{page:?}");
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let back = browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(back.raw_location().as_deref(), Some(BYE), "{back:?}");
}

#[tokio::test]
async fn a_cross_site_post_comes_again_as_a_get_and_finds_the_session() {
    let op = TestProvider::start().await;
    let (mut browser, tokens, hint) = signed_in(&op).await;
    let request = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
    ];
    let mut bare = browser.clone();
    bare.cookies.clear();
    let again = bare.post("/logout", &request).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{again:?}");
    let address = again.raw_location().expect("a location");
    assert!(address.starts_with("/logout?"), "{address}");
    assert!(
        again.set_cookies().is_empty(),
        "no cookie came, so none goes: {again:?}"
    );
    assert!(
        expect::is_accepted(&op, &tokens.access_token).await,
        "nothing happened yet"
    );
    let back = browser.get(&address).await;
    assert_eq!(back.raw_location(), Some(format!("{BYE}?state=s")));
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn it_ends_that_browsers_session_and_no_other() {
    let op = TestProvider::start().await;
    let (mut browser, _, hint) = signed_in(&op).await;
    let (_, elsewhere, _) = signed_in(&op).await;
    let bobs = op.tokens(&BOB, "confidential", CALLBACK, "openid").await;
    let offline = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid offline_access")
        .await;
    browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    for tokens in [elsewhere, bobs, offline] {
        assert!(expect::is_accepted(&op, &tokens.access_token).await);
    }
}

#[tokio::test]
async fn an_address_that_was_taken_away_while_the_page_was_open_is_not_followed() {
    // Section 3: "MUST have been previously registered with the OP"; signing out needs no address.
    let op = TestProvider::start().await;
    let (mut browser, tokens, _) = signed_in(&op).await;
    let (_, _, other_hint) = signed_in(&op).await;
    let request = [
        ("id_token_hint", other_hint.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let page = browser.get_with("/logout", &request).await;
    assert_eq!(page.page_kind(), "logout", "{page:?}");
    let without = format!(r#"{{"redirect_uris": ["{CALLBACK}"]}}"#);
    op.update_client("confidential", &without).await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(done.raw_location(), None, "{done:?}");
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_state_that_does_not_fit_into_the_form_is_not_carried() {
    // What goes into the form must come back from it: interactions.max_bytes holds for both ways.
    let op = TestProvider::start().await;
    let (mut browser, tokens, _) = signed_in(&op).await;
    let (_, _, other_hint) = signed_in(&op).await;
    for (length, fits) in [(8_000, true), (13_000, false)] {
        let state = "s".repeat(length);
        let request = [
            ("id_token_hint", other_hint.as_str()),
            ("post_logout_redirect_uri", BYE),
            ("state", state.as_str()),
        ];
        let page = browser.get_with("/logout", &request).await;
        if fits {
            let stay = browser.submit(&page, &[("decision", "cancel")]).await;
            assert_eq!(stay.status, StatusCode::OK, "{stay:?}");
        } else {
            expect::sign_out_page(&page, "request is too long");
        }
    }
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn the_page_that_asks_again_leads_back_as_the_first_one_did() {
    // The session that the first page asked about ended; the same user began another.
    let op = TestProvider::start().await;
    let (mut browser, _, _) = signed_in(&op).await;
    let (_, _, other_hint) = signed_in(&op).await;
    let request = [
        ("id_token_hint", other_hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
    ];
    let page = browser.get_with("/logout", &request).await;
    let twin = browser.get("/logout").await;
    browser.submit(&twin, &[("decision", "confirm")]).await;
    assert!(!has_session(&browser));
    op.code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    let again = browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(again.page_kind(), "logout", "{again:?}");
    assert!(again.body.contains("Confidential App"), "{again:?}");
    let back = browser.submit(&again, &[("decision", "confirm")]).await;
    assert_eq!(back.raw_location(), Some(format!("{BYE}?state=s")));
}

#[tokio::test]
async fn a_user_who_proved_who_they_are_once_more_is_still_the_one_who_was_asked() {
    // The session is the same under a new secret.
    let op = TestProvider::start().await;
    let (mut browser, tokens, _) = signed_in(&op).await;
    let page = browser.get("/logout").await;
    let mut request = op.authorization("confidential", CALLBACK, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_cross_site_post_that_is_posted_again_by_a_page_may_be_led_back() {
    // CSP Level 3, section 6.4.1: the second round follows a form, and redirects to the client at
    // once.
    let op = TestProvider::start().await;
    let (mut browser, tokens, hint) = signed_in(&op).await;
    let long = "s".repeat(6_000);
    let request = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", long.as_str()),
    ];
    let mut bare = browser.clone();
    bare.cookies.clear();
    let page = bare.post("/logout", &request).await;
    assert_eq!(page.form_action().as_deref(), Some("/logout"), "{page:?}");
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("form-action"), "{policy}");
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let back = browser.submit(&page, &[]).await;
    assert_eq!(back.raw_location(), Some(format!("{BYE}?state={long}")));
}
