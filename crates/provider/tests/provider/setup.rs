//! First setup: the printed link makes the first administrator, once.

use countersign_testing::{ALICE, Answer, TestProvider, callback};
use http::StatusCode;

use crate::expect;

const LIFETIME: i64 = 15 * 60;

fn form(link: &str) -> Vec<(&'static str, String)> {
    [
        ("token", link),
        ("name", "Root Person"),
        ("email", "root@example.org"),
        ("username", "root"),
        ("password", "a password of some length"),
        ("password_again", "a password of some length"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn with(link: &str, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut form = form(link);
    form.retain(|(known, _)| *known != name);
    form.push((name, value.to_owned()));
    form
}

#[track_caller]
fn invalid_link(answer: &Answer) {
    expect::page(answer);
    assert_eq!(
        answer.error_heading().as_deref(),
        Some("This setup link does not work")
    );
}

async fn administrators(op: &TestProvider) -> usize {
    let users = op.provider.store.list_users("", 100).await.expect("lists");
    users.iter().filter(|user| user.administrator).count()
}

#[tokio::test]
async fn the_link_makes_an_administrator_who_can_sign_in() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    let mut browser = op.browser();
    let page = browser.get_with("/setup", &[("token", &link)]).await;
    assert_eq!(page.page_kind(), "setup", "{page:?}");
    let fields = form(&link);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .skip(1)
        .map(|(n, v)| (*n, v.as_str()))
        .collect();
    let done = browser.submit(&page, &fields).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert!(done.body.contains("Root Person"), "{done:?}");
    assert!(
        done.body.contains("href=\"/account\""),
        "there is a way on: {done:?}"
    );
    assert_eq!(administrators(&op).await, 1);
    let account = browser.get("/account").await;
    assert!(
        account.body.contains("root@example.org"),
        "signed in: {account:?}"
    );

    for name in ["root", "root@example.org"] {
        let mut browser = op.browser();
        let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        let login = browser.get_with("/authorize", &request).await;
        let consent = browser
            .sign_in(&login, name, "a password of some length")
            .await;
        assert_eq!(consent.page_kind(), "consent", "{name}");
    }
}

/// What is pasted from a table brings a tab along.
#[tokio::test]
async fn a_tab_behind_a_name_can_go_on() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    let mut browser = op.browser();
    let done = browser
        .post("/setup", &with(&link, "username", "root\t"))
        .await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert_eq!(administrators(&op).await, 1);
    for name in ["root\t", "root\u{7}", "nobody\t"] {
        let mut browser = op.browser();
        let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        let login = browser.get_with("/authorize", &request).await;
        let password = "a password of some length";
        let answer = browser.sign_in(&login, name, password).await;
        let expected = if name == "root\t" { "consent" } else { "login" };
        assert_eq!(answer.page_kind(), expected, "{name:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_link_lives_fifteen_minutes() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    op.clock.advance(LIFETIME - 1);
    assert_eq!(
        op.browser()
            .get_with("/setup", &[("token", &link)])
            .await
            .page_kind(),
        "setup"
    );
    op.clock.advance(1);
    invalid_link(&op.browser().get_with("/setup", &[("token", &link)]).await);
    invalid_link(&op.browser().post("/setup", &form(&link)).await);
    assert_eq!(administrators(&op).await, 0);
}

#[tokio::test]
async fn a_link_is_used_up_by_the_post_that_makes_the_administrator_and_void_after() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    // Looking at the page and mistyping use nothing up.
    for _ in 0..3 {
        op.browser().get_with("/setup", &[("token", &link)]).await;
        let again = op
            .browser()
            .post("/setup", &with(&link, "password_again", "another"))
            .await;
        assert_eq!(again.page_kind(), "setup", "{again:?}");
    }
    assert_eq!(
        op.browser().post("/setup", &form(&link)).await.status,
        StatusCode::OK
    );
    for answer in [
        op.browser()
            .post("/setup", &with(&link, "username", "second"))
            .await,
        op.browser().get_with("/setup", &[("token", &link)]).await,
        op.browser().get("/setup").await,
    ] {
        expect::page(&answer);
        assert_eq!(answer.status, StatusCode::GONE);
        assert_eq!(answer.error_heading().as_deref(), Some("Setup is closed"));
    }
    assert_eq!(administrators(&op).await, 1);
}

#[tokio::test]
async fn two_posts_at_once_make_one_administrator() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    let second = with(&link, "username", "second");
    let second: Vec<_> = second
        .into_iter()
        .map(|(n, v)| {
            (
                n,
                if n == "email" {
                    "second@example.org".to_owned()
                } else {
                    v
                },
            )
        })
        .collect();
    let (mut one, mut other) = (op.browser(), op.browser());
    let first = form(&link);
    let (one, other) = tokio::join!(one.post("/setup", &first), other.post("/setup", &second));
    let made = [&one, &other]
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .count();
    assert_eq!(made, 1, "{one:?} {other:?}");
    assert_eq!(administrators(&op).await, 1);
}

#[tokio::test]
async fn only_the_newest_link_works_and_nothing_that_is_none() {
    let op = TestProvider::start().await;
    let old = op.setup_link(LIFETIME).await;
    let new = op.setup_link(LIFETIME).await;
    let swapped = format!("{}{}", &new[..28], &old[28..]);
    for link in [old.as_str(), &swapped, "x", "", "cs_su_", &new[..70]] {
        invalid_link(&op.browser().get_with("/setup", &[("token", link)]).await);
        invalid_link(&op.browser().post("/setup", &form(link)).await);
    }
    invalid_link(&op.browser().get("/setup").await);
    assert_eq!(
        op.browser().post("/setup", &form(&new)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_store_without_a_setup_link_accepts_none() {
    let op = TestProvider::start().await;
    invalid_link(&op.browser().get("/setup").await);
    invalid_link(
        &op.browser()
            .post("/setup", &form(&format!("cs_su_{}", "A".repeat(65))))
            .await,
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_form_is_said_and_what_was_right_is_kept() {
    let op = TestProvider::start().await;
    let link = op.setup_link(LIFETIME).await;
    let long = "p".repeat(1_100);
    for (name, value, problem) in [
        ("name", "", "Enter your name."),
        ("name", "   ", "Enter your name."),
        ("email", "root", "Enter an email address"),
        ("email", "root@", "Enter an email address"),
        ("email", "@example.org", "Enter an email address"),
        ("email", ALICE.email, "already belongs to an account"),
        (
            "email",
            "ALICE@EXAMPLE.ORG",
            "already belongs to an account",
        ),
        ("username", "", "Choose a username"),
        ("username", "ro ot", "Choose a username"),
        ("username", "ro\u{7}ot", "Choose a username"),
        ("name", "Ro\u{1b}ot", "Enter your name."),
        ("username", ALICE.username, "already belongs to an account"),
        ("password", "short", "Choose a password of at least"),
        ("password", &long, "too long"),
        ("password", "123456789012", "easy to guess"),
        ("password", "passwordpassword", "easy to guess"),
        ("password", "Password2024!!", "easy to guess"),
        ("password_again", "another", "not the same"),
    ] {
        let answer = op.browser().post("/setup", &with(&link, name, value)).await;
        assert_eq!(answer.page_kind(), "setup", "{name}={value}: {answer:?}");
        assert!(answer.body.contains(problem), "{name}={value}: {answer:?}");
        assert!(
            !answer.body.contains("a password of some length"),
            "{answer:?}"
        );
        if name != "email" {
            assert!(answer.body.contains("root@example.org"), "{answer:?}");
        }
    }
    // A password that is one's own name is easy to guess.
    let mut form = with(&link, "password", "root@example.org");
    form.retain(|(name, _)| *name != "password_again");
    form.push(("password_again", "root@example.org".to_owned()));
    let answer = op.browser().post("/setup", &form).await;
    assert!(answer.body.contains("easy to guess"), "{answer:?}");
    assert_eq!(administrators(&op).await, 0);
}

#[tokio::test]
async fn the_page_after_setup_leads_on_to_where_the_operator_says() {
    let options = countersign_testing::Options::with(|settings| {
        settings.setup.after_setup_url = Some("http://127.0.0.1:9090/".to_owned());
    });
    let op = TestProvider::start_with(options).await;
    let link = op.setup_link(LIFETIME).await;
    let done = op.browser().post("/setup", &form(&link)).await;
    assert!(
        done.body.contains("href=\"http://127.0.0.1:9090/\""),
        "{done:?}"
    );
}
