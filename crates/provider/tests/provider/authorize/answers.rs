//! The response to a request: state and nonce unchanged, the registered query kept, form_post a
//! real POST, Cancel a response like any other.

use countersign_testing::{ALICE, ISSUER, TestProvider, callback};
use http::StatusCode;

use super::{CALLBACK, asked, id_token_of, request};
use crate::expect;

/// 128 characters of everything that has a meaning somewhere.
const STATE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~!$&'()*+,;=:@/?#[]%20%25 %\"<>\\^`{|}äöü€𝄞0123456789abcdef012345";

#[tokio::test]
async fn a_state_of_128_characters_comes_back_whole_in_answers_and_in_errors() {
    // RFC 6749, section 4.1.2: "the exact value received from the client".
    assert_eq!(STATE.chars().count(), 128);
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let state = ("state", STATE);
    let good = asked(&op, &mut browser, &[("scope", "openid"), state]).await;
    let silent = asked(&op, &mut op.browser(), &[("prompt", "none"), state]).await;
    let wrong = asked(&op, &mut op.browser(), &[("response_type", ""), state]).await;
    for answer in [good, silent, wrong] {
        assert_eq!(
            answer.location_parameter("state").as_deref(),
            Some(STATE),
            "{answer:?}"
        );
    }
    let changes = [("response_mode", "form_post"), ("prompt", "none"), state];
    let posted = asked(&op, &mut op.browser(), &changes).await;
    assert_eq!(
        posted.hidden_field("state").as_deref(),
        Some(STATE),
        "{posted:?}"
    );
}

#[tokio::test]
async fn without_a_state_none_is_made_up() {
    let op = TestProvider::start().await;
    let answer = asked(&op, &mut op.browser(), &[("prompt", "none"), ("state", "")]).await;
    assert_eq!(answer.location_parameter("state"), None, "{answer:?}");
}

#[tokio::test]
async fn a_nonce_is_never_cut() {
    // OpenID Connect Core, section 2: "passed through unmodified".
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    for nonce in [
        "n".repeat(64),
        "0123456789abcdef".repeat(24),
        STATE.to_owned(),
    ] {
        let changes = [("scope", "openid"), ("nonce", nonce.as_str())];
        let answer = asked(&op, &mut browser, &changes).await;
        assert_eq!(id_token_of(&op, &answer).await["nonce"], nonce.as_str());
    }
}

#[tokio::test]
async fn the_query_of_a_registered_uri_is_kept_in_answers_and_in_errors() {
    // RFC 6749, section 3.1.2: "which MUST be retained when adding additional query parameters".
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "posting", callback::POSTING, "openid")
        .await;
    assert_eq!(
        op.redeem("posting", callback::POSTING, &code).await.status,
        StatusCode::OK
    );
    let request = op.authorization("posting", callback::POSTING, "openid");
    let good = browser.get_with("/authorize", &request).await;
    let mut silent = request.clone();
    silent.push(("prompt", "none".to_owned()));
    let refused = op.browser().get_with("/authorize", &silent).await;
    for (answer, names) in [
        (good, "tenant code state iss"),
        (
            refused,
            "tenant error error_description error_uri state iss",
        ),
    ] {
        let location = answer.raw_location().expect("a location");
        assert!(
            location.starts_with("https://posting.example/callback?tenant=1&"),
            "{location}"
        );
        let parameters = answer.location_parameters();
        let sent: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(sent.join(" "), names);
    }
}

#[tokio::test]
async fn every_answer_names_its_issuer() {
    // RFC 9207, section 2, and 2.4 for errors.
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let good = asked(&op, &mut browser, &[("scope", "openid")]).await;
    let refused = asked(&op, &mut op.browser(), &[("prompt", "none")]).await;
    for answer in [good, refused] {
        assert_eq!(answer.location_parameter("iss").as_deref(), Some(ISSUER));
    }
}

#[tokio::test]
async fn form_post_is_a_real_post_with_nothing_in_an_address() {
    // OAuth 2.0 Form Post Response Mode 2.
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let changes = [("scope", "openid"), ("response_mode", "form_post")];
    let page = asked(&op, &mut browser, &changes).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("cache-control").contains("no-store"));
    assert_eq!(page.form_action().as_deref(), Some(CALLBACK));
    assert!(page.body.contains("<form method=\"post\""), "{page:?}");
    let fields = page.hidden_fields();
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    // The one script that submits it is allowed by its hash; where the form leads is not said.
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("form-action"), "{policy}");

    let code = page.hidden_field("code").expect("a code");
    assert_eq!(
        op.redeem("confidential", CALLBACK, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn errors_of_a_form_post_are_posted_too() {
    let op = TestProvider::start().await;
    for (changes, error) in [
        (
            [("response_mode", "form_post"), ("prompt", "none")],
            "login_required",
        ),
        (
            [("response_mode", "form_post"), ("max_age", "x")],
            "invalid_request",
        ),
        (
            [("response_mode", "form_post"), ("scope", "\"")],
            "invalid_scope",
        ),
    ] {
        let page = asked(&op, &mut op.browser(), &changes).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert_eq!(page.form_action().as_deref(), Some(CALLBACK));
        assert_eq!(page.hidden_field("error").as_deref(), Some(error));
        assert_eq!(page.hidden_field("state").as_deref(), Some("the-state"));
        assert_eq!(page.hidden_field("iss").as_deref(), Some(ISSUER));
    }
}

#[tokio::test]
async fn an_error_of_the_response_type_itself_travels_in_the_mode_that_was_asked_for_or_is_the_types()
 {
    // OAuth 2.0 Multiple Response Types, sections 2.1 and 5. An empty value counts as omitted.
    let op = TestProvider::start().await;
    let (missing, unsupported) = ("invalid_request", "unsupported_response_type");
    for (response_type, response_mode, error, carrier) in [
        ("", "", missing, '?'),
        ("", "query", missing, '?'),
        ("", "form_post", missing, 'p'),
        ("", "web_message", missing, '?'),
        ("nonsense", "", unsupported, '?'),
        ("nonsense", "form_post", unsupported, 'p'),
        ("id_token", "", unsupported, '#'),
        ("id_token", "form_post", unsupported, 'p'),
        ("id_token", "query", unsupported, '#'),
        ("code id_token", "", unsupported, '#'),
        ("token id_token code", "", unsupported, '#'),
        ("none", "", unsupported, '?'),
        ("code", "web_message", "invalid_request", '?'),
    ] {
        let changes = [
            ("response_type", response_type),
            ("response_mode", response_mode),
        ];
        let answer = asked(&op, &mut op.browser(), &changes).await;
        if carrier == 'p' {
            assert_eq!(
                answer.form_action().as_deref(),
                Some(CALLBACK),
                "{changes:?}"
            );
            assert_eq!(answer.hidden_field("error").as_deref(), Some(error));
            assert_eq!(answer.hidden_field("state").as_deref(), Some("the-state"));
            continue;
        }
        let location = answer.raw_location().expect("a location");
        let start = format!("{CALLBACK}{carrier}error={error}&");
        assert!(location.starts_with(&start), "{changes:?}: {location}");
        assert!(location.contains("&state=the-state&iss="), "{location}");
    }
}

#[tokio::test]
async fn cancel_and_deny_are_access_denied_with_the_state() {
    // RFC 6749, section 4.1.2.1, OpenID Connect Core, section 3.1.2.6.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[]).await;
    assert!(login.body.contains("id=\"login-cancel\""), "{login:?}");
    let cancelled = browser.submit(&login, &[("decision", "cancel")]).await;
    expect::sent_back(&cancelled, CALLBACK, "access_denied");

    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert!(consent.body.contains("id=\"consent-deny\""), "{consent:?}");
    let denied = browser.submit(&consent, &[("decision", "deny")]).await;
    expect::sent_back(&denied, CALLBACK, "access_denied");
}

#[tokio::test]
async fn an_error_description_keeps_to_its_grammar() {
    // RFC 6749, section 4.1.2.1: %x20-21 / %x23-5B / %x5D-7E; here with causes that quote the
    // request.
    let op = TestProvider::start().await;
    for changes in [
        [("prompt", STATE)],
        [("scope", "a\"b\\c")],
        [("max_age", "\u{202e}")],
        [("id_token_hint", "a.b.c")],
        [("code_challenge", "\"")],
        [("response_mode", "\"\\")],
    ] {
        let answer = asked(&op, &mut op.browser(), &changes).await;
        let description = answer.location_parameter("error_description").expect("one");
        let in_grammar = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        assert!(description.chars().all(in_grammar), "{description:?}");
    }
}

#[tokio::test]
async fn a_page_that_was_opened_but_never_finished_leaves_no_trace() {
    // Before sign-in nothing is written.
    let store = std::sync::Arc::new(countersign_testing::ObservedStore::new(
        std::sync::Arc::new(countersign_store::memory::Memory::new()),
    ));
    let options = countersign_testing::Options {
        store: store.clone(),
        ..countersign_testing::Options::default()
    };
    let op = TestProvider::start_with(options).await;
    store.take_acts();
    op.browser()
        .get_with("/authorize", &request(&op, &[]))
        .await;
    op.browser()
        .get_with("/authorize", &request(&op, &[("prompt", "none")]))
        .await;
    let acts = store.take_acts();
    assert!(!acts.is_empty());
    let reads = [
        "client_standing",
        "client",
        "registration",
        "signing_keys",
        "session",
        "consent",
        "user",
    ];
    assert!(acts.iter().all(|act| reads.contains(act)), "{acts:?}");
}
