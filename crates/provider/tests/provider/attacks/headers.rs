//! Attack cases 48 and 49: the headers of responses (RFC 9112, section 11.1; OWASP ASVS 3.4; RFC
//! 9700, sections 4.2.4 and 4.16).

use countersign_provider::routes;
use countersign_testing::{ALICE, Answer, Options, TestProvider, callback};
use http::{Method, StatusCode};

#[tokio::test]
async fn attack_48_line_ends_in_a_parameter_split_no_header() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let base = op.authorization("public", callback::PUBLIC, "openid");
    // RFC 9112, section 11.1. The last is cut to CR LF by software that narrows characters to
    // bytes.
    for injected in [
        "\r\nInjected: 1",
        "\nInjected: 1",
        "\rInjected: 1",
        "嘊嘍Injected: 1",
    ] {
        for name in base
            .iter()
            .map(|(name, _)| *name)
            .chain(["ui_locales", "prompt", "x"])
        {
            let mut request = base.clone();
            request.retain(|(known, _)| *known != name);
            request.push((name, format!("value{injected}")));
            let got = browser.get_with("/authorize", &request).await;
            let posted = browser.post("/authorize", &request).await;
            let token = browser.post("/token", &request).await;
            let logout = browser.get_with("/logout", &request).await;
            for answer in [got, posted, token, logout] {
                assert!(
                    !answer.headers.contains_key("injected"),
                    "{name}: {answer:?}"
                );
                for value in answer.headers.values() {
                    let plain = value
                        .as_bytes()
                        .iter()
                        .all(|byte| (0x20..0x7f).contains(byte));
                    assert!(plain, "{name}: {answer:?}");
                }
            }
        }
    }
}

async fn every_page(op: &TestProvider) -> Vec<(&'static str, Answer)> {
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let with = |name, value: &str| {
        let mut request = request.clone();
        request.push((name, value.to_owned()));
        request
    };
    let login = browser.get_with("/authorize", &request).await;
    let rejected = browser.sign_in(&login, "alice", "wrong").await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    browser.submit(&consent, &[("decision", "allow")]).await;
    let account = browser
        .get_with("/authorize", &with("prompt", "select_account"))
        .await;
    let form_post = browser
        .get_with("/authorize", &with("response_mode", "form_post"))
        .await;
    let long = with("unknown", &"x".repeat(6_000));
    let repost = op.browser().post("/authorize", &long).await;
    let error = browser.get("/authorize").await;
    let logout = browser.get("/logout").await;
    let signed_out = browser.submit(&logout, &[("decision", "confirm")]).await;
    let link = op.setup_link(900).await;
    let setup = browser.get_with("/setup", &[("token", &link)]).await;
    let own = op.signed_in(&ALICE).await.get("/account").await;
    vec![
        ("login", login),
        ("login again", rejected),
        ("consent", consent),
        ("select_account", account),
        ("form_post", form_post),
        ("repost", repost),
        ("error", error),
        ("logout", logout),
        ("signed out", signed_out),
        ("setup", setup),
        ("your account", own),
    ]
}

#[tokio::test]
async fn attack_49_no_page_can_be_framed_kept_or_leaves_a_referrer() {
    let op = TestProvider::start().await;
    for (name, page) in every_page(&op).await {
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{name}: {page:?}"
        );
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{name}: {policy}"
        );
        assert!(policy.contains("base-uri 'none'"), "{name}: {policy}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{name}");
        assert!(page.header("cache-control").contains("no-store"), "{name}");
        assert!(
            !page.header("strict-transport-security").is_empty(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn attack_48_line_ends_split_no_header_at_any_address() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.registration.open = true;
    }))
    .await;
    let mut browser = op.signed_in(&ALICE).await;
    let names = [
        "state",
        "token",
        "user_code",
        "client_id",
        "scope",
        "id_token_hint",
        "ui_locales",
        "post_logout_redirect_uri",
        "logout_hint",
        "username",
        "interaction",
        "request",
        "claims",
        "redirect_uri",
        "code",
        "refresh_token",
        "device_code",
        "client_assertion",
        "resource",
    ];
    let value = "https://x.example/\r\nInjected: 1";
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, value)).collect();
    for address in routes::addresses() {
        let path = address.path.replace("{client_id}", "a%0d%0aInjected:%201");
        let path = path.replace("{name}", "a%0d%0aInjected:%201");
        if path.contains('{') {
            continue;
        }
        let got = browser.get_with(&path, &fields).await;
        let posted = browser.post(&path, &fields).await;
        let json = [("content-type", "application/json".to_owned())];
        let body = serde_json::json!({ "redirect_uris": [value], "client_name": value });
        let sent = browser.send(Method::POST, &path, &json, Some(body.to_string()));
        for answer in [got, posted, sent.await] {
            assert!(
                !answer.headers.contains_key("injected"),
                "{path}: {answer:?}"
            );
            for value in answer.headers.values() {
                let plain = value
                    .as_bytes()
                    .iter()
                    .all(|byte| (0x20..0x7f).contains(byte));
                assert!(plain, "{path}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn attack_49_only_the_frame_of_session_management_may_be_framed() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.logout.session_management = true;
    }))
    .await;
    let mut framed = Vec::new();
    for address in routes::addresses() {
        if address.path.contains('{') {
            continue; // The pages of causes and the assets are below.
        }
        for mut browser in [op.browser(), op.signed_in(&ALICE).await] {
            let html = [("accept", "text/html".to_owned())];
            let answer = browser.get_with_headers(address.path, &html).await;
            if !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let policy = answer.header("content-security-policy");
            assert!(!policy.is_empty(), "{}: {answer:?}", address.path);
            if !policy.contains("frame-ancestors 'none'") {
                framed.push(address.path);
                continue;
            }
            assert_eq!(answer.header("x-frame-options"), "DENY", "{}", address.path);
            assert_eq!(
                answer.header("referrer-policy"),
                "no-referrer",
                "{}",
                address.path
            );
            assert!(
                answer.header("cache-control").contains("no-store"),
                "{}",
                address.path
            );
        }
    }
    framed.dedup();
    assert_eq!(framed, ["/check_session"]);
    for path in ["/errors/login_required", "/nowhere"] {
        let html = [("accept", "text/html".to_owned())];
        let answer = op.browser().get_with_headers(path, &html).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
    }
    // Where it is off, it is not there.
    let off = TestProvider::start()
        .await
        .browser()
        .get("/check_session")
        .await;
    assert_eq!(off.status, StatusCode::NOT_FOUND, "{off:?}");
}

#[tokio::test]
async fn attack_49_redirects_with_codes_are_not_kept_and_leave_no_referrer() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let back = browser.get_with("/authorize", &request).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    assert_eq!(back.header("referrer-policy"), "no-referrer");
    assert!(back.header("cache-control").contains("no-store"));
}
