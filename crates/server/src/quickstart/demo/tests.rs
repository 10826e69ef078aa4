//! The demo against a provider inside the test, as a browser that keeps cookies sees it.

mod browser;
mod fake_provider;
mod refusals;

use http::StatusCode;

use browser::Browser;
use fake_provider::{ACCESS_TOKEN, FakeProvider, REFRESH_TOKEN};

#[tokio::test]
async fn a_person_signs_in_sees_claims_refreshes_and_signs_out() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());

    let home = browser.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.body.contains("id=\"sign-in\""));

    browser.sign_in(&provider).await;
    let home = browser.get("/").await;
    assert!(
        home.body
            .contains("<h1 id=\"signed-in\">Alice Example</h1>"),
        "{}",
        home.body
    );
    assert!(home.body.contains("alice@example.com"), "userinfo is shown");
    assert!(home.body.contains("data-claim=\"auth_time\""));
    assert!(home.body.contains("id=\"access-token-ends\""));

    let refreshed = browser.post("/refresh", &home.csrf_token()).await;
    assert_eq!(
        (refreshed.status, refreshed.location()),
        (StatusCode::SEE_OTHER, "/")
    );
    let home = browser.get("/").await;
    assert!(
        home.body
            .contains("id=\"notice\" role=\"status\">Refreshed."),
        "{}",
        home.body
    );
    assert!(home.body.contains("Used once."));
    assert!(
        !browser.get("/").await.body.contains("id=\"notice\""),
        "it is said once"
    );

    let signed_out = browser.post("/sign-out", &home.csrf_token()).await;
    assert_eq!(signed_out.status, StatusCode::SEE_OTHER);
    let to = signed_out.location();
    assert!(
        to.starts_with(&format!("{}/logout?", provider.issuer)),
        "{to}"
    );
    assert!(to.contains("id_token_hint=ey"));
    assert!(to.contains("post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8081%2Fsigned-out"));
    assert!(signed_out.header("set-cookie").contains("Max-Age=0"));
    assert!(
        browser
            .get("/signed-out")
            .await
            .body
            .contains("id=\"signed-out\"")
    );
    assert!(browser.get("/").await.body.contains("id=\"sign-in\""));
}

#[tokio::test]
async fn attack_53_no_token_reaches_the_browser() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    browser.sign_in(&provider).await;
    let home = browser.get("/").await;
    browser.post("/refresh", &home.csrf_token()).await;
    browser.get("/").await;
    for secret in [ACCESS_TOKEN, REFRESH_TOKEN, "client's secret"] {
        assert!(!browser.seen().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn attack_38_a_callback_in_another_browser_is_refused() {
    let provider = FakeProvider::start().await;
    let demo = provider.demo();
    let (mut attacker, mut victim) = (Browser::of(&demo), Browser::of(&demo));
    let answer = attacker.begin(&provider).await;
    // With no session at all, and with a sign-in of their own under way.
    for _ in 0..2 {
        let page = victim.get(&answer).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains("demo_not_begun_here"));
        victim.begin(&provider).await;
    }
    assert_eq!(provider.token_requests(), 0);
}

#[tokio::test]
async fn attack_39_a_callback_works_once() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    let answer = browser.begin(&provider).await;
    assert_eq!(browser.get(&answer).await.status, StatusCode::SEE_OTHER);
    let again = browser.get(&answer).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(provider.token_requests(), 1);
}

#[tokio::test]
async fn attack_50_the_session_is_another_one_after_the_sign_in() {
    let provider = FakeProvider::start().await;
    let demo = provider.demo();
    let mut browser = Browser::of(&demo);
    let answer = browser.begin(&provider).await;
    let before = browser.cookie.clone();
    let signed_in = browser.get(&answer).await;
    let cookie = signed_in.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly; SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(before.is_some() && before != browser.cookie);
    let mut planted = Browser::of(&demo);
    planted.cookie = before;
    assert!(planted.get("/").await.body.contains("id=\"sign-in\""));
    // A cookie that was never ours is not adopted.
    planted.cookie = Some("demo_session_8081=chosen".to_owned());
    planted.begin(&provider).await;
    assert_ne!(planted.cookie.as_deref(), Some("demo_session_8081=chosen"));
}

#[tokio::test]
async fn attack_52_a_button_works_only_from_a_page_of_the_same_session() {
    let provider = FakeProvider::start().await;
    let demo = provider.demo();
    let (mut alice, mut mallory) = (Browser::of(&demo), Browser::of(&demo));
    alice.sign_in(&provider).await;
    mallory.sign_in(&provider).await;
    let foreign = mallory.get("/").await.csrf_token();
    let requests = provider.token_requests();
    for path in ["/refresh", "/sign-out"] {
        for token in ["", "guess", foreign.as_str()] {
            let page = alice.post(path, token).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {token}");
        }
        assert_eq!(alice.get(path).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(provider.token_requests(), requests);
    assert!(alice.get("/").await.body.contains("id=\"signed-in\""));
}

#[tokio::test]
async fn attack_47_what_the_provider_says_is_inert_on_the_page() {
    let provider = FakeProvider::start().await;
    provider.set_name("<script>alert(1)</script>\"'><img src=x>");
    let mut browser = Browser::of(&provider.demo());
    browser.sign_in(&provider).await;
    let home = browser.get("/").await;
    assert!(
        !home.body.contains("<script") && !home.body.contains("<img"),
        "{}",
        home.body
    );

    let state = browser.begin(&provider).await;
    let state = state
        .split("state=")
        .nth(1)
        .expect("it has one")
        .split('&')
        .next()
        .expect("a value");
    let refusal = format!(
        "/callback?error=%3Cscript%3E&error_description=%3Cscript%3E&state={state}&iss={}",
        provider.issuer
    );
    let page = browser.get(&refusal).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("callback_provider_error"));
    assert!(!page.body.contains("<script"), "{}", page.body);
}

#[tokio::test]
async fn every_page_is_guarded_by_its_headers() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    browser.sign_in(&provider).await;
    for path in ["/", "/signed-out", "/callback", "/nowhere"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"),
            "{policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        for forbidden in ["<style", " style=", "<script", " onclick="] {
            assert!(!page.body.contains(forbidden), "{path} has {forbidden}");
        }
    }
    // The response to the sign-out form leads to the provider.
    let home = browser.get("/").await;
    assert!(
        home.header("content-security-policy")
            .contains(&format!("'self' {};", provider.issuer))
    );
    assert_eq!(
        browser.get("/style.css").await.header("content-type"),
        "text/css; charset=utf-8"
    );
}

#[tokio::test]
async fn a_sign_in_that_ended_at_the_provider_ends_here() {
    let provider = FakeProvider::start().await;
    let mut browser = Browser::of(&provider.demo());
    browser.sign_in(&provider).await;
    let csrf_token = browser.get("/").await.csrf_token();
    provider.end_everything();
    let home = browser.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.body.contains("userinfo_refused"), "{}", home.body);
    let refused = browser.post("/refresh", &csrf_token).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(
        refused
            .body
            .contains("Your sign-in has ended at the provider")
    );
    assert!(browser.get("/").await.body.contains("id=\"sign-in\""));
}

#[tokio::test]
async fn a_provider_that_starts_later_is_found() {
    let (provider, start) = FakeProvider::not_yet_up();
    let mut browser = Browser::of(&provider.demo());
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let starting = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        start.await;
    });
    let page = browser.get("/sign-in").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    starting.await.expect("it started");
}

#[test]
fn times_are_written_as_people_say_them() {
    for (at, expected) in [
        (1_000, "now"),
        (1_001, "in 1 s"),
        (1_600, "in 10 min"),
        (1_598, "in 9 min 58 s"),
        (4_600, "in 1 h"),
        (4_601, "in 1 h"),
        (1_000 + 90_000, "in 1 d 1 h"),
        (940, "1 min ago"),
        (i64::MIN, "106751991167300 d 15 h ago"),
    ] {
        assert_eq!(super::claims::time(at, 1_000).relative, expected, "{at}");
    }
    let time = super::claims::time(1_790_000_000, 0);
    assert_eq!(time.absolute, "2026-09-21 14:13:20 UTC");
    assert_eq!(time.machine, "2026-09-21T14:13:20Z");
}
