//! The page of a person's API tokens.

use countersign_testing::{ALICE, Answer, BOB, Browser, TestProvider};
use http::StatusCode;

use crate::api_tokens::{DAY, create, start};
use crate::expect;

const PAGE: &str = "/account/tokens";

/// Alice, just signed in, and the page.
async fn opened(op: &TestProvider) -> (Browser, Answer) {
    let mut browser = op.signed_in(&ALICE).await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.body.contains("id=\"tokens-create\""), "{page:?}");
    (browser, page)
}

async fn make(browser: &mut Browser, page: &Answer, name: &str, scopes: &[&str]) -> Answer {
    let interaction = page.hidden_field("interaction").expect("a form");
    let mut fields = vec![
        ("interaction", interaction.as_str()),
        ("decision", "create"),
        ("name", name),
        ("days", "7"),
    ];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    browser.post(PAGE, &fields).await
}

/// The token that a page shows.
fn shown(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("<code>").expect("a token");
    rest.split_once("</code>").expect("an end").0.to_owned()
}

#[tokio::test]
async fn a_token_is_made_shown_once_listed_and_revoked() {
    let op = start().await;
    let (mut browser, page) = opened(&op).await;
    assert!(page.body.contains("You have no tokens."), "{page:?}");
    let made = make(&mut browser, &page, "Nightly backup", &["openid", "a:read"]).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    assert_eq!(made.header("cache-control"), "no-store");
    let token = shown(&made);
    assert!(expect::is_accepted(&op, &token).await);
    assert!(made.body.contains("Nightly backup") && made.body.contains("openid a:read"));

    let again = browser.get(PAGE).await;
    assert!(again.body.contains("Nightly backup"), "{again:?}");
    assert!(!again.body.contains("cs_pt_"), "it is not shown again");

    let interaction = again.hidden_field("interaction").expect("a form");
    let id = again.hidden_field("token").expect("a token's form");
    let fields = [
        ("interaction", interaction.as_str()),
        ("decision", "revoke"),
        ("token", id.as_str()),
    ];
    let revoked = browser.post(PAGE, &fields).await;
    assert_eq!(revoked.raw_location().as_deref(), Some(PAGE));
    assert!(!expect::is_accepted(&op, &token).await);
    assert!(browser.get(PAGE).await.body.contains("You have no tokens."));
    // A second press does no harm.
    let twice = browser.post(PAGE, &fields).await;
    assert_eq!(twice.raw_location().as_deref(), Some(PAGE));
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_entered_stays() {
    let op = start().await;
    let (mut browser, page) = opened(&op).await;
    make(&mut browser, &page, "one", &["openid"]).await;
    for (name, scopes, says) in [
        (
            "one",
            &["openid"][..],
            "You already have a token with this name.",
        ),
        ("", &["openid"], "Choose a name of at most 64 characters."),
        ("two", &[], "Choose what the token can do."),
        ("two", &["nonsense"], "That didn’t work."),
        ("two", &["openid", "offline_access"], "That didn’t work."),
        ("two", &["openid", "a\"b"], "That didn’t work."),
    ] {
        let answer = make(&mut browser, &page, name, scopes).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(answer.body.contains(says), "{says}: {answer:?}");
        assert!(answer.body.contains("role=\"alert\""), "{answer:?}");
        assert!(
            answer.body.contains("<title>Error: "),
            "in the title: {answer:?}"
        );
        assert!(
            answer.body.contains(&format!("value=\"{name}\"")),
            "{answer:?}"
        );
        assert!(!answer.body.contains("cs_pt_"), "{answer:?}");
    }
    let kept = make(&mut browser, &page, "one", &["openid"]).await;
    assert!(kept.body.contains("value=\"openid\" checked"), "{kept:?}");
}

#[tokio::test]
async fn who_has_not_signed_in_recently_does_so_first() {
    let op = start().await;
    let mut stranger = op.browser();
    let login = stranger.get(PAGE).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let there = stranger
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(there.raw_location().as_deref(), Some(PAGE), "{there:?}");
    assert!(stranger.get(PAGE).await.body.contains("tokens-create"));

    let (mut browser, _) = opened(&op).await;
    op.clock.advance(601);
    let login = browser.get(PAGE).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    assert!(login.body.contains("Confirm that it’s you"), "{login:?}");
    let there = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(there.raw_location().as_deref(), Some(PAGE), "{there:?}");
    assert!(browser.get(PAGE).await.body.contains("tokens-create"));
}

#[tokio::test]
async fn a_form_counts_in_its_own_browser_session_and_time_only() {
    let op = start().await;
    let (mut browser, page) = opened(&op).await;
    let mut other = op.signed_in(&ALICE).await;
    let elsewhere = make(&mut other, &page, "stolen", &["openid"]).await;
    assert_eq!(elsewhere.page_kind(), "error", "{elsewhere:?}");
    let out = browser.get("/logout").await;
    browser.submit(&out, &[("decision", "confirm")]).await;
    let after = make(&mut browser, &page, "late", &["openid"]).await;
    assert_eq!(after.raw_location().as_deref(), Some(PAGE), "{after:?}");
    let login = browser.get("/account").await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    let bobs = make(&mut browser, &page, "bobs", &["openid"]).await;
    assert_eq!(bobs.raw_location().as_deref(), Some(PAGE), "{bobs:?}");
    for person in [&ALICE, &BOB] {
        let tokens = op.provider.store.personal_tokens_of(person.sub).await;
        assert!(tokens.expect("returns").is_empty());
    }
    let (mut browser, page) = opened(&op).await;
    op.clock.advance(DAY);
    let old = make(&mut browser, &page, "old", &["openid"]).await;
    assert_eq!(old.page_kind(), "error", "{old:?}");
}

#[tokio::test]
async fn no_one_revokes_another_persons_token() {
    let op = start().await;
    let (id, token) = create(&op, &BOB, "bobs", "openid").await;
    let (mut browser, page) = opened(&op).await;
    let interaction = page.hidden_field("interaction").expect("a form");
    for id in [id.to_string().as_str(), "nonsense"] {
        let fields = [
            ("interaction", interaction.as_str()),
            ("decision", "revoke"),
            ("token", id),
        ];
        let answer = browser.post(PAGE, &fields).await;
        assert_eq!(answer.raw_location().as_deref(), Some(PAGE));
    }
    assert!(expect::is_accepted(&op, &token).await);
}

#[tokio::test]
async fn the_page_is_there_only_where_tokens_are_allowed() {
    let op = start().await;
    let (mut browser, _) = opened(&op).await;
    let account = browser.get("/account").await;
    assert!(
        account.body.contains("href=\"/account/tokens\""),
        "{account:?}"
    );
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    assert_eq!(browser.get(PAGE).await.status, StatusCode::NOT_FOUND);
    let account = browser.get("/account").await;
    assert!(!account.body.contains("account/tokens"), "{account:?}");
}

#[tokio::test]
async fn a_name_is_text_and_no_markup() {
    let op = start().await;
    let (mut browser, page) = opened(&op).await;
    let name = "<script>alert(1)</script>";
    let made = make(&mut browser, &page, name, &["openid"]).await;
    assert!(!made.body.contains("<script>alert"), "{made:?}");
    assert!(made.body.contains("&lt;script&gt;"), "{made:?}");
}

/// The page may stay open for longer than a sign-in counts as recent.
#[tokio::test]
async fn a_form_counts_while_the_sign_in_is_recent_only() {
    let op = start().await;
    let (mut browser, page) = opened(&op).await;
    let made = make(&mut browser, &page, "in time", &["openid"]).await;
    let again = browser.get(PAGE).await;
    let id = again.hidden_field("token").expect("a token's form");
    op.clock.advance(601);
    let late = make(&mut browser, &page, "late", &["openid"]).await;
    assert_eq!(late.raw_location().as_deref(), Some(PAGE), "{late:?}");
    let interaction = page.hidden_field("interaction").expect("a form");
    let fields = [
        ("interaction", interaction.as_str()),
        ("decision", "revoke"),
        ("token", id.as_str()),
    ];
    let revoked = browser.post(PAGE, &fields).await;
    assert_eq!(revoked.raw_location().as_deref(), Some(PAGE));
    let tokens = op.provider.store.personal_tokens_of(ALICE.sub).await;
    assert_eq!(tokens.expect("returns").len(), 1, "none was made");
    assert!(expect::is_accepted(&op, &shown(&made)).await);
    let login = browser.get(PAGE).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
}
