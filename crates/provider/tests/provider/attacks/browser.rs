//! Attack cases 47 to 49 and 53: what a browser is given to run, to show and to read
//! (OWASP ASVS 3.2 to 3.4, RFC 9700, sections 4.2.4 and 4.16).

use countersign_testing::{ALICE, Answer, Browser, Options, Person, TestProvider, callback};
use http::{Method, header};

use crate::expect;

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&{{7*7}}${7*7}<!--";

/// The text may stand there, but only as text.
#[track_caller]
fn is_inert(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        !answer.body.contains("&amp;49") && !answer.body.contains("$49"),
        "{answer:?}"
    );
    if answer.header("content-type").starts_with("text/html") {
        for raw in [
            "<script>alert",
            "<img src=x",
            "'><",
            "\"><script",
            "<!--",
            "&{{",
        ] {
            assert!(!answer.body.contains(raw), "{raw}: {answer:?}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        for weak in [
            "unsafe-inline",
            "unsafe-eval",
            "*",
            "data:",
            "blob:",
            "http:",
        ] {
            assert!(!policy.contains(weak), "{policy}");
        }
    }
}

async fn hostile_client(op: &TestProvider) {
    let metadata = serde_json::json!({
        "client_name": HOSTILE,
        "redirect_uris": ["https://hostile.example/callback"],
        "client_uri": "javascript:alert(1)",
        "policy_uri": "javascript:alert(1)",
        "tos_uri": format!("https://hostile.example/{HOSTILE}"),
        "logo_uri": "https://hostile.example/logo.png",
    });
    op.add_client_with("hostile", Some("secret"), &metadata.to_string())
        .await;
}

const MALLORY: Person = Person {
    sub: "mallorys-subject-identifier",
    username: "mallory<script>alert(1)</script>",
    email: "mallory@example.org",
    name: HOSTILE,
    password: "a password that is long enough",
};

#[tokio::test]
async fn attack_47_texts_from_outside_stay_texts_on_every_page_of_a_sign_in() {
    let op = TestProvider::start().await;
    hostile_client(&op).await;
    op.add_person(&MALLORY).await;
    let mut browser = op.browser();
    let mut request = op.authorization(
        "hostile",
        "https://hostile.example/callback",
        "openid <script> &{{7*7}}",
    );
    request.retain(|(name, _)| *name != "state");
    request.push(("state", HOSTILE.to_owned()));
    request.push(("login_hint", HOSTILE.to_owned()));
    request.push(("ui_locales", HOSTILE.replace(['\'', '"'], "")));
    request.push(("display", HOSTILE.to_owned()));
    request.push(("response_mode", "form_post".to_owned()));

    let login = browser.get_with("/authorize", &request).await;
    assert_eq!(login.page_kind(), "login");
    is_inert(&login);
    assert!(!login.body.contains("javascript:"), "{login:?}");
    assert!(
        !login.body.contains("src=\"https:"),
        "no request leaves for another host: {login:?}"
    );

    let again = browser.sign_in(&login, HOSTILE, HOSTILE).await;
    assert_eq!(again.page_kind(), "login");
    is_inert(&again);

    let consent = browser
        .sign_in(&again, MALLORY.username, MALLORY.password)
        .await;
    assert_eq!(consent.page_kind(), "consent");
    is_inert(&consent);

    let posted = browser.submit(&consent, &[("decision", "allow")]).await;
    is_inert(&posted);
    assert_eq!(
        posted.hidden_field("state").as_deref(),
        Some(HOSTILE),
        "and arrives whole"
    );

    request.push(("prompt", "select_account".to_owned()));
    is_inert(&browser.get_with("/authorize", &request).await);
    is_inert(&browser.get("/").await);
    is_inert(&browser.get("/logout").await);
}

#[tokio::test]
async fn attack_47_texts_from_outside_stay_texts_on_error_pages_that_explain() {
    let op = TestProvider::start_with(Options::with_site(|settings| {
        settings.errors.explain_errors = true
    }))
    .await;
    let mut browser = op.browser();
    for name in ["client_id", "redirect_uri", "state", "scope", HOSTILE] {
        let twice = [(name, HOSTILE), (name, HOSTILE)];
        is_inert(&browser.get_with("/authorize", &twice).await);
        is_inert(&browser.get_with("/authorize", &twice[..1]).await);
        is_inert(&browser.get_with("/logout", &twice).await);
        is_inert(&browser.post("/token", &twice).await);
    }
    let request = op.authorization("confidential", HOSTILE, "openid");
    is_inert(&browser.get_with("/authorize", &request).await);
    is_inert(
        &browser
            .get_with("/logout", &[("id_token_hint", HOSTILE)])
            .await,
    );
    is_inert(&browser.get_with("/setup", &[("token", HOSTILE)]).await);
    let encoded = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let html = [("accept", "text/html".to_owned())];
    for path in [
        format!("/{encoded}"),
        format!("/errors/{encoded}"),
        format!("/assets/{encoded}"),
    ] {
        is_inert(&browser.get_with_headers(&path, &html).await);
        is_inert(&browser.get(&path).await);
    }
}

#[tokio::test]
async fn attack_47_an_error_description_repeats_nothing_that_could_run() {
    let op = TestProvider::start_with(Options::with_site(|settings| {
        settings.errors.explain_errors = true
    }))
    .await;
    for (name, value) in [
        ("prompt", HOSTILE),
        ("max_age", HOSTILE),
        ("scope", HOSTILE),
    ] {
        let redirect_uri = callback::CONFIDENTIAL;
        let mut request = op.authorization("confidential", redirect_uri, "openid");
        request.retain(|(known, _)| *known != name);
        request.push((name, value.to_owned()));
        let answer = op.browser().get_with("/authorize", &request).await;
        let description = answer.location_parameter("error_description").expect("one");
        assert!(!description.contains("<script"), "{description}");
    }
}

#[tokio::test]
async fn attack_47_the_setup_page_shows_what_was_typed_as_text() {
    let op = TestProvider::start().await;
    let link = op.setup_link(900).await;
    let fields = [
        ("token", link.as_str()),
        ("name", HOSTILE),
        ("email", HOSTILE),
        ("username", HOSTILE),
        ("password", HOSTILE),
        ("password_again", "another"),
    ];
    let answer = op.browser().post("/setup", &fields).await;
    assert_eq!(answer.page_kind(), "setup");
    is_inert(&answer);
    assert!(
        !answer.body.contains("alert(1)&gt;\" type=\"password\""),
        "{answer:?}"
    );
}

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
async fn attack_49_redirects_with_codes_are_not_kept_and_leave_no_referrer() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let back = browser.get_with("/authorize", &request).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    assert_eq!(back.header("referrer-policy"), "no-referrer");
    assert!(back.header("cache-control").contains("no-store"));
}

#[tokio::test]
async fn attack_53_no_page_and_no_redirect_can_be_read_by_another_origin() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let origin = [("origin", "https://evil.example".to_owned())];
    for method in [Method::GET, Method::POST, Method::OPTIONS, Method::HEAD] {
        for path in [
            "/authorize",
            "/login",
            "/consent",
            "/logout",
            "/setup",
            "/",
            "/nowhere",
        ] {
            let answer = browser.send(method.clone(), path, &origin, None).await;
            for name in answer.headers.keys() {
                assert!(
                    !name.as_str().starts_with("access-control-"),
                    "{method} {path}: {answer:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn attack_53_where_scripts_may_call_no_credentials_go_along() {
    let op = TestProvider::start().await;
    let mut browser: Browser = op.signed_in(&ALICE).await;
    let headers = [
        ("origin", "https://app.example".to_owned()),
        ("access-control-request-method", "POST".to_owned()),
        ("access-control-request-headers", "authorization".to_owned()),
    ];
    for (path, method) in [
        ("/token", Method::POST),
        ("/userinfo", Method::GET),
        ("/jwks", Method::GET),
        ("/.well-known/openid-configuration", Method::GET),
    ] {
        for method in [Method::OPTIONS, method] {
            let answer = browser.send(method.clone(), path, &headers, None).await;
            // Fetch standard, CORS protocol: `*` and credentials exclude each other.
            assert_eq!(
                answer.header("access-control-allow-origin"),
                "*",
                "{method} {path}"
            );
            let credentials = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
            assert!(!answer.headers.contains_key(credentials), "{method} {path}");
            assert!(
                !answer.headers.contains_key(header::SET_COOKIE),
                "{method} {path}"
            );
        }
    }
    // A session cookie opens none of them.
    let answer = browser.get("/userinfo").await;
    assert_eq!(answer.status.as_u16(), 401);
    expect::refused(
        &browser
            .post("/token", &[("grant_type", "client_credentials")])
            .await,
        "invalid_client",
    );
}
