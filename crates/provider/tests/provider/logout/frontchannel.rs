//! OpenID Connect Front-Channel Logout 1.0, sections 2 and 3.

use countersign_testing::{ALICE, Answer, BOB, Browser, ISSUER, TestProvider, VERIFIER, claims_of};
use http::StatusCode;
use serde_json::Value;

const BYE: &str = "https://one.example/bye";

/// A client of its own host with a front-channel address.
async fn application(op: &TestProvider, name: &str, path: &str, required: bool) {
    let metadata = format!(
        r#"{{"client_name": "{name}", "redirect_uris": ["https://{name}.example/callback"],
             "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"],
             "post_logout_redirect_uris": ["https://{name}.example/bye"],
             "frontchannel_logout_uri": "https://{name}.example{path}",
             "frontchannel_logout_session_required": {required}}}"#
    );
    op.add_client_with(name, None, &metadata).await;
}

/// Alice opens a client: its ID token.
async fn open(op: &TestProvider, browser: &mut Browser, name: &str) -> String {
    let callback = format!("https://{name}.example/callback");
    let code = op.code(browser, &ALICE, name, &callback, "openid").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &callback),
        ("code_verifier", VERIFIER),
        ("client_id", name),
    ];
    let answer = op.browser().post("/token", &form).await;
    answer.tokens().id_token.expect("an ID token")
}

fn sid_of(id_token: &str) -> String {
    let sid = claims_of(id_token)["sid"].clone();
    sid.as_str().expect("a sid").to_owned()
}

/// The addresses of a page's frames.
fn frames(page: &Answer) -> Vec<String> {
    let frames = page.body.split("<iframe ").skip(1);
    let frames = frames.map(|frame| {
        let (_, address) = frame.split_once("src=\"").expect("src");
        let (address, _) = address.split_once('"').expect("an end");
        address.replace("&amp;", "&").replace("&#x2f;", "/")
    });
    frames.collect()
}

fn frame_sources(page: &Answer) -> Option<String> {
    let policy = page.header("content-security-policy").to_owned();
    let directive = policy
        .split("; ")
        .find(|part| part.starts_with("frame-src"));
    directive.map(str::to_owned)
}

/// Three applications that take frames, two of them opened, and one without an address.
async fn scene() -> (TestProvider, Browser, [String; 2]) {
    let op = TestProvider::start().await;
    application(&op, "one", "/logout", true).await;
    application(&op, "two", "/logout?tenant=1", false).await;
    application(&op, "three", "/logout", true).await;
    let mut browser = op.signed_in(&ALICE).await;
    let tokens = [
        open(&op, &mut browser, "one").await,
        open(&op, &mut browser, "two").await,
    ];
    (op, browser, tokens)
}

/// What the frames of the scene must be: `iss` and `sid` where they are required (section 2), a
/// query that is kept, and the session's applications only (section 3).
fn expected(tokens: &[String; 2]) -> [String; 2] {
    let iss = "https%3A%2F%2Fop.example";
    let sid = sid_of(&tokens[0]);
    [
        format!("https://one.example/logout?iss={iss}&sid={sid}"),
        "https://two.example/logout?tenant=1".to_owned(),
    ]
}

#[track_caller]
fn tells(page: &Answer, tokens: &[String; 2]) {
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.body.contains("You are signed out"), "{page:?}");
    assert_eq!(frames(page), expected(tokens), "{page:?}");
    let sources = "frame-src https://one.example https://two.example";
    assert_eq!(frame_sources(page).as_deref(), Some(sources));
    assert!(page.body.contains("id=\"logged-out-telling\""), "{page:?}");
    // Without a script, and no frame may lead the whole window away.
    assert!(!page.body.contains("<script"), "{page:?}");
    let sandboxes = page
        .body
        .matches("sandbox=\"allow-scripts allow-same-origin\"");
    assert_eq!(sandboxes.count(), 2, "{page:?}");
}

#[tokio::test]
async fn a_sign_out_on_our_own_pages_has_a_frame_of_each_application() {
    for path in ["/logout", "/account"] {
        let (_op, mut browser, tokens) = scene().await;
        let page = browser.get(path).await;
        let done = browser.submit(&page, &[("decision", "confirm")]).await;
        tells(&done, &tokens);
        assert_eq!(done.header("refresh"), "", "there is nowhere to go back to");
        // It is said once.
        let again = browser.get("/logout").await;
        assert_eq!(frames(&again), Vec::<String>::new());
        assert_eq!(frame_sources(&again), None);
    }
}

#[tokio::test]
async fn a_sign_out_that_an_application_asked_for_leads_back_after_the_frames() {
    let (op, mut browser, tokens) = scene().await;
    let request = [
        ("id_token_hint", tokens[0].as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "a&b \"c"),
    ];
    let page = browser.get_with("/logout", &request).await;
    tells(&page, &tokens);
    let back = format!("{BYE}?state=a%26b+%22c");
    assert_eq!(page.header("refresh"), format!("2;url={back}"));
    assert!(page.body.contains("id=\"logged-out-continue\""), "{page:?}");
    assert!(page.body.contains("taken back in a moment"), "{page:?}");
    assert!(!page.set_cookies().is_empty(), "the cookie goes: {page:?}");
    assert_eq!(browser.get("/account").await.page_kind(), "login");
    // Where nothing is left to end, the browser goes straight back.
    let again = browser.get_with("/logout", &request).await;
    assert_eq!(again.raw_location(), Some(back.clone()), "{again:?}");
    let elsewhere = op.browser().get_with("/logout", &request).await;
    assert_eq!(elsewhere.raw_location(), Some(back), "{elsewhere:?}");
}

#[tokio::test]
async fn a_confirmed_request_leads_back_after_the_frames() {
    let (_op, mut browser, tokens) = scene().await;
    let request = [("client_id", "one"), ("post_logout_redirect_uri", BYE)];
    let page = browser.get_with("/logout", &request).await;
    assert_eq!(page.page_kind(), "logout", "{page:?}");
    assert_eq!(frames(&page), Vec::<String>::new(), "nothing has ended yet");
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    tells(&done, &tokens);
    assert_eq!(done.header("refresh"), format!("2;url={BYE}"));
}

#[tokio::test]
async fn another_browsers_applications_have_no_frame() {
    let (op, mut browser, tokens) = scene().await;
    let mut elsewhere = op.browser();
    open(&op, &mut elsewhere, "three").await;
    let page = browser.get("/logout").await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    tells(&done, &tokens);
    assert_ne!(elsewhere.get("/account").await.page_kind(), "login");
}

#[tokio::test]
async fn applications_that_are_gone_or_disabled_have_no_frame() {
    let (op, mut browser, _) = scene().await;
    op.disable_client("one").await;
    op.update_client(
        "two",
        r#"{"redirect_uris": ["https://two.example/callback"]}"#,
    )
    .await;
    let page = browser.get("/logout").await;
    let done = browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert_eq!(frames(&done), Vec::<String>::new());
    assert_eq!(frame_sources(&done), None);
}

#[tokio::test]
async fn discovery_says_that_frames_are_supported() {
    // Section 3.
    let op = TestProvider::start().await;
    let document = op.browser().get("/.well-known/openid-configuration").await;
    let document: Value = document.json();
    assert_eq!(document["issuer"], ISSUER);
    for member in [
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ] {
        assert_eq!(document[member], true, "{member}");
    }
}

#[tokio::test]
async fn a_sign_in_of_another_user_shows_no_frame_on_the_way() {
    // There is no page of ours to put it on; the back channel tells.
    let (op, mut browser, _) = scene().await;
    let mut request = op.authorization("one", "https://one.example/callback", "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    let other = browser.submit(&login, &[("decision", "other")]).await;
    let next = browser.sign_in(&other, BOB.username, BOB.password).await;
    assert_eq!(frames(&next), Vec::<String>::new());
}
