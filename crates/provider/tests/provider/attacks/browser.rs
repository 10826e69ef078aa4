//! Attack cases 47 and 53: what a browser is given to run, to show and to read (OWASP ASVS 3.2 to
//! 3.4). The headers are in `headers.rs`.

use countersign_testing::{
    ALICE, Answer, Browser, Options, Person, TestProvider, VERIFIER, callback,
};
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
async fn attack_47_a_front_channel_address_stays_an_address() {
    // Front-Channel Logout, section 2: the address is a frame's. One that was registered before the
    // rules were what they are leads to no script and out of no attribute.
    for evil in [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://hostile.example/\"><script>alert(1)</script>",
        "https://hostile.example/logout?a='><img src=x onerror=alert(1)>&b={{7*7}}",
        "https://hostile.example/;script-src 'unsafe-inline'",
        "https://hostile.example;*/",
        "//hostile.example/",
    ] {
        let op = TestProvider::start().await;
        let metadata = serde_json::json!({
            "redirect_uris": ["https://hostile.example/callback"],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"],
            "frontchannel_logout_uri": evil,
            "frontchannel_logout_session_required": true,
        });
        op.add_client_with("hostile", None, &metadata.to_string())
            .await;
        let mut browser = op.browser();
        let redirect_uri = "https://hostile.example/callback";
        let code = op
            .code(&mut browser, &ALICE, "hostile", redirect_uri, "openid")
            .await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
            ("client_id", "hostile"),
        ];
        op.browser().post("/token", &form).await.tokens();
        let page = browser.get("/logout").await;
        let done = browser.submit(&page, &[("decision", "confirm")]).await;
        assert!(done.body.contains("You are signed out"), "{evil}: {done:?}");
        is_inert(&done);
        assert!(!done.body.contains("javascript:"), "{evil}: {done:?}");
        assert!(!done.body.contains("src=\"data:"), "{evil}: {done:?}");
        let policy = done.header("content-security-policy");
        assert_eq!(policy.matches("script-src").count(), 0, "{evil}: {policy}");
        assert!(!policy.contains("unsafe"), "{evil}: {policy}");
    }
}

#[tokio::test]
async fn attack_47_a_devices_texts_stay_texts() {
    let op = TestProvider::start().await;
    let metadata = serde_json::json!({
        "client_name": HOSTILE,
        "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": [],
        "token_endpoint_auth_method": "none",
    });
    op.add_client_with("hostile", None, &metadata.to_string())
        .await;
    let form = [("client_id", "hostile"), ("scope", "openid")];
    let headers = [("user-agent", HOSTILE.to_owned())];
    let answer = op
        .browser()
        .post_with("/device_authorization", &form, &headers)
        .await;
    let user_code = answer.json()["user_code"].clone();
    let user_code = user_code.as_str().expect("a code");
    let mut browser = op.signed_in(&ALICE).await;
    // What was typed comes back on the page, too.
    let page = browser.get_with("/device", &[("user_code", HOSTILE)]).await;
    is_inert(&page);
    is_inert(&browser.submit(&page, &[("user_code", HOSTILE)]).await);
    let approval = crate::device_flow::enter(&mut browser, user_code).await;
    assert_eq!(approval.page_kind(), "device_approval", "{approval:?}");
    is_inert(&approval);
    is_inert(&browser.submit(&approval, &[("decision", "deny")]).await);
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
