//! OpenID Connect Session Management 1.0.

use countersign_jose::{base64url, digest};
use countersign_testing::{ALICE, Answer, BOB, Browser, Options, TestProvider, callback};
use http::StatusCode;

const CALLBACK: &str = callback::CONFIDENTIAL;
const ORIGIN: &str = "https://confidential.example";

async fn provider() -> TestProvider {
    TestProvider::start_with(Options::with(|settings| {
        settings.logout.session_management = true;
    }))
    .await
}

/// What a frame can read of the browser's cookies.
fn state_of(browser: &Browser) -> Option<String> {
    let cookies = browser.cookies.iter();
    let mut states = cookies.filter(|(name, _)| name.ends_with("_state"));
    states.next().map(|(_, value)| value.clone())
}

/// An authorization of a person, with the sign-in and consent that it takes.
async fn authorize(
    op: &TestProvider,
    browser: &mut Browser,
    (client_id, redirect_uri, scope): (&str, &str, &str),
) -> Answer {
    let request = op.authorization(client_id, redirect_uri, scope);
    let mut answer = browser.get_with("/authorize", &request).await;
    for _ in 0..2 {
        answer = match answer.page_kind() {
            "login" => {
                let (name, password) = (ALICE.username, ALICE.password);
                browser.sign_in(&answer, name, password).await
            }
            "consent" => browser.submit(&answer, &[("decision", "allow")]).await,
            _ => break,
        };
    }
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    answer
}

/// Section 3.2: "SHA256(client_id + ' ' + origin + ' ' + OP browser state + ' ' + salt) + '.' +
/// salt", as the frame computes it.
fn is_unchanged(session_state: &str, client_id: &str, state: Option<&str>) -> bool {
    let (hash, salt) = session_state.split_once('.').expect("a salt");
    let text = format!("{client_id} {ORIGIN} {} {salt}", state.unwrap_or(""));
    base64url::encode(digest::sha256(text.as_bytes())) == hash
}

#[tokio::test]
async fn a_response_has_the_session_state_that_the_frame_computes() {
    let op = provider().await;
    let mut browser = op.browser();
    let client = ("confidential", CALLBACK, "openid");
    let first = authorize(&op, &mut browser, client).await;
    let first = first.location_parameter("session_state").expect("a state");
    // Section 2: "MUST NOT contain the space character".
    assert!(!first.contains(' '), "{first}");
    let state = state_of(&browser).expect("a readable cookie");
    assert!(is_unchanged(&first, "confidential", Some(&state)));
    // Another salt each time, and the same session.
    let second = authorize(&op, &mut browser, client).await;
    let second = second.location_parameter("session_state").expect("a state");
    assert_ne!(first, second);
    assert_eq!(state_of(&browser), Some(state.clone()));
    assert!(is_unchanged(&second, "confidential", Some(&state)));
    assert!(!is_unchanged(&second, "public", Some(&state)));
}

/// Alice in a browser, and the session state that her client knows.
async fn known(op: &TestProvider) -> (Browser, String) {
    let mut browser = op.browser();
    let answer = authorize(op, &mut browser, ("confidential", CALLBACK, "openid")).await;
    let known = answer.location_parameter("session_state").expect("a state");
    assert!(unchanged(&browser, &known));
    (browser, known)
}

fn unchanged(browser: &Browser, known: &str) -> bool {
    is_unchanged(known, "confidential", state_of(browser).as_deref())
}

/// The page that asks who it is although someone is signed in.
async fn asked_again(op: &TestProvider, browser: &mut Browser) -> Answer {
    let mut request = op.authorization("confidential", CALLBACK, "openid");
    request.push(("prompt", "login".to_owned()));
    browser.get_with("/authorize", &request).await
}

#[tokio::test]
async fn a_sign_out_changes_it() {
    let op = provider().await;
    let (mut browser, known) = known(&op).await;
    let page = browser.get("/account").await;
    assert!(unchanged(&browser, &known));
    browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(state_of(&browser), None);
    assert!(!unchanged(&browser, &known));
}

#[tokio::test]
async fn a_sign_in_of_another_user_changes_it() {
    let op = provider().await;
    let (mut browser, known) = known(&op).await;
    let login = asked_again(&op, &mut browser).await;
    let other = browser.submit(&login, &[("decision", "other")]).await;
    browser.sign_in(&other, BOB.username, BOB.password).await;
    assert!(!unchanged(&browser, &known));
}

#[tokio::test]
async fn a_fresh_proof_of_the_same_user_does_not_change_it() {
    let op = provider().await;
    let (mut browser, known) = known(&op).await;
    let login = asked_again(&op, &mut browser).await;
    let (name, password) = (ALICE.username, ALICE.password);
    browser.sign_in(&login, name, password).await;
    assert!(unchanged(&browser, &known));
}

#[tokio::test]
async fn the_cookie_says_nothing_and_is_the_only_one_that_scripts_can_read() {
    let op = provider().await;
    let mut browser = op.browser();
    let answer = authorize(&op, &mut browser, ("confidential", CALLBACK, "openid")).await;
    let set = answer.set_cookies();
    let state = set.iter().find(|cookie| cookie.contains("_state="));
    let state = state.expect("it is set").clone();
    assert!(state.starts_with("__Host-cs_"), "{state}");
    assert!(
        state.ends_with("; Path=/; SameSite=None; Secure"),
        "{state}"
    );
    for cookie in set.iter().filter(|cookie| **cookie != state) {
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    }
    let value = state_of(&browser).expect("it is there");
    let session = browser
        .cookies
        .iter()
        .find(|(name, _)| name.ends_with("_session"));
    let (_, session) = session.expect("a session");
    assert!(!session.contains(&value), "{value}");
}

#[tokio::test]
async fn only_who_asks_for_openid_at_an_origin_is_told() {
    let op = provider().await;
    let mut browser = op.browser();
    authorize(&op, &mut browser, ("confidential", CALLBACK, "openid")).await;
    let plain = authorize(&op, &mut browser, ("confidential", CALLBACK, "profile")).await;
    assert_eq!(plain.location_parameter("session_state"), None);
    let native = ("native", "com.example.app:/callback", "openid");
    let native = authorize(&op, &mut browser, native).await;
    assert_eq!(native.location_parameter("session_state"), None, "no page");
}

#[tokio::test]
async fn the_frame_may_be_framed_and_runs_its_own_script_only() {
    // Section 3.3: check_session_iframe.
    let op = provider().await;
    let document = op.browser().get("/.well-known/openid-configuration").await;
    let address = document.json()["check_session_iframe"].clone();
    assert_eq!(address, "https://op.example/check_session");
    let frame = op.browser().get("/check_session").await;
    assert_eq!(frame.status, StatusCode::OK, "{frame:?}");
    assert_eq!(frame.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(frame.header("x-frame-options"), "");
    let policy = frame.header("content-security-policy");
    assert!(!policy.contains("frame-ancestors"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let (_, script) = frame.body.split_once("<script>").expect("a script");
    let (script, _) = script.split_once("</script>").expect("its end");
    let hash = base64url::encode(digest::sha256(script.as_bytes()));
    let hash = hash.replace('-', "+").replace('_', "/");
    let allowed = format!("default-src 'none'; script-src 'sha256-{hash}='");
    assert!(policy.starts_with(&allowed), "{policy}");
    assert!(frame.set_cookies().is_empty(), "{frame:?}");
}

#[tokio::test]
async fn by_default_there_is_none_of_it() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let answer = authorize(&op, &mut browser, ("confidential", CALLBACK, "openid")).await;
    assert_eq!(answer.location_parameter("session_state"), None);
    assert_eq!(state_of(&browser), None);
    let frame = browser.get("/check_session").await;
    assert_eq!(frame.status, StatusCode::NOT_FOUND);
}
