//! Attack case 62: nothing secret in the log (OWASP ASVS 16.2.5). Everything that a whole run
//! writes, at the finest level, is searched for every secret that went through it.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_testing::{
    ALICE, BOB, Browser, ClientPersona, Forger, TestProvider, VERIFIER, callback,
};

use crate::device_flow;
use crate::log::Log;

/// Secrets that went through a run, each with what it was.
#[derive(Default)]
struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    fn add(&mut self, what: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        self.0.push((what, secret.clone()));
        secret
    }

    #[track_caller]
    fn are_not_in(&self, text: &str) {
        for (what, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "{what} is in the log");
            // Nor the part of a bearer value that makes it one.
            if let Some(tail) = secret.get(secret.len().saturating_sub(24)..) {
                assert!(!text.contains(tail), "the end of {what} is in the log");
            }
        }
    }

    fn add_cookies(&mut self, browser: &Browser) {
        for value in browser.cookies.values() {
            self.add("a cookie", value);
        }
    }
}

/// A run with everything right, and each thing wrong once.
async fn run(op: &TestProvider, canaries: &mut Canaries) {
    let redirect_uri = callback::CONFIDENTIAL;
    let link = canaries.add("a setup link", op.setup_link(900).await);
    let mut browser = op.browser();
    let setup = browser.get_with("/setup", &[("token", &link)]).await;
    let password = canaries.add(
        "the administrator's password",
        "canary-of-the-administrator",
    );
    let fields = [
        ("name", "Root"),
        ("email", "root@example.org"),
        ("username", "root"),
        ("password", password.as_str()),
        ("password_again", password.as_str()),
    ];
    browser.submit(&setup, &fields[..4]).await;
    browser.submit(&setup, &fields).await;
    browser.submit(&setup, &fields).await;
    canaries.add_cookies(&browser);

    let mut browser = op.browser();
    let request = op.authorization("confidential", redirect_uri, "openid offline_access");
    let login = browser.get_with("/authorize", &request).await;
    let interaction = login.hidden_field("interaction").expect("an interaction");
    canaries.add("a sealed interaction", interaction);
    let wrong = canaries.add("a mistyped password", "canary-of-a-mistyped-password");
    browser.sign_in(&login, ALICE.username, &wrong).await;
    browser.sign_in(&login, "nobody", &wrong).await;
    canaries.add("a long password", "canary".repeat(500));
    browser
        .sign_in(&login, ALICE.username, &"canary".repeat(500))
        .await;
    canaries.add("a password", ALICE.password);
    canaries.add("a password", BOB.password);
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    canaries.add_cookies(&browser);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    canaries.add("a code", &code);
    canaries.add("a verifier", VERIFIER);
    for client_id in ["confidential", "posting", "first-party"] {
        canaries.add("a client's secret", ClientPersona::secret_of(client_id));
    }
    op.redeem("posting", redirect_uri, &code).await;
    let tokens = op
        .redeem("confidential", redirect_uri, &code)
        .await
        .tokens();
    canaries.add("an access token", &tokens.access_token);
    let id_token = canaries.add("an ID token", tokens.id_token.expect("an ID token"));
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    canaries.add("a refresh token", &refresh_token);
    op.userinfo(&tokens.access_token).await;
    op.userinfo(&id_token).await;
    browser
        .get(&format!("/userinfo?access_token={}", tokens.access_token))
        .await;

    let rotated = op.refresh("confidential", &refresh_token).await.tokens();
    let successor = canaries.add(
        "a refresh token",
        rotated.refresh_token.expect("a successor"),
    );
    op.refresh("posting", &successor).await;
    op.refresh("confidential", &successor).await;
    op.refresh("confidential", &refresh_token).await; // reuse
    op.redeem("confidential", redirect_uri, &code).await; // replay
    op.redeem("confidential", redirect_uri, &code[..50]).await;

    let wrong = canaries.add("a wrong client secret", "canary-of-a-wrong-client-secret");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "posting"),
    ];
    let mut browser_of_client = op.browser();
    browser_of_client
        .post("/token", &[fields[0], fields[1], ("client_secret", &wrong)])
        .await;
    let json = [("content-type", "application/json".to_owned())];
    let body = format!(r#"{{"client_secret":"{wrong}","client_secret":"{wrong}"}}"#);
    browser_of_client
        .send(http::Method::POST, "/token", &json, Some(body))
        .await;
    browser_of_client
        .get(&format!("/token?client_secret={wrong}"))
        .await;

    let forger = Forger::of(op, SignatureAlgorithm::RS256).await;
    let forged = forger.sign("JWT", &serde_json::json!({ "iss": "https://evil.example" }));
    canaries.add("a forged hint", &forged);
    for hint in [forged.as_str(), &tokens.access_token, "canary-of-a-hint"] {
        browser
            .get_with("/logout", &[("id_token_hint", hint)])
            .await;
        let mut request = request.clone();
        request.push(("id_token_hint", hint.to_owned()));
        browser.get_with("/authorize", &request).await;
    }
    canaries.add("a garbled hint", "canary-of-a-hint");
    let opaque = op
        .tokens(&BOB, "posting", callback::POSTING, "openid")
        .await;
    op.userinfo(&canaries.add("an opaque token", opaque.access_token))
        .await;
    browser
        .get_with("/logout", &[("id_token_hint", &id_token)])
        .await;
}

#[tokio::test]
async fn attack_62_a_whole_run_logs_its_causes_and_nothing_secret() {
    let log = Log::start();
    let op = TestProvider::start().await;
    let mut canaries = Canaries::default();
    run(&op, &mut canaries).await;
    let text = log.take();
    for cause in [
        "login_password_wrong",
        "login_name_unknown",
        "code_of_another_client",
        "refresh_token_reused",
        "grant_ended",
        "client_secret_wrong",
        "id_token_hint_invalid",
        "access_token_in_query",
    ] {
        assert!(
            text.contains(cause),
            "the log does not tell of {cause}:\n{text}"
        );
    }
    canaries.are_not_in(&text);
}

#[tokio::test]
async fn attack_62_the_device_flow_logs_no_code() {
    let log = Log::start();
    let op = device_flow::start().await;
    let mut canaries = Canaries::default();
    for decision in ["allow", "deny"] {
        let codes = device_flow::codes(&op, "openid").await;
        canaries.add("a device code", &codes.device_code);
        canaries.add("a user code", &codes.user_code);
        canaries.add("a bare user code", codes.user_code.replace('-', ""));
        device_flow::poll(&op, &codes.device_code).await;
        device_flow::poll(&op, &codes.device_code[..60]).await;
        let mut browser = op.browser();
        let path = format!("/device?user_code={}", codes.user_code);
        let linked = browser.get(&path).await;
        let wrong = canaries.add("a wrong user code", "BCDF-GHJK");
        browser.submit(&linked, &[("user_code", &wrong)]).await;
        device_flow::enter(&mut browser, &wrong).await;
        let page = device_flow::approval_page(&mut browser, &ALICE, &codes.user_code).await;
        canaries.add(
            "a sealed interaction",
            page.hidden_field("interaction").expect("an interaction"),
        );
        browser.submit(&page, &[("decision", decision)]).await;
        device_flow::poll(&op, &codes.device_code).await;
        device_flow::poll(&op, &codes.device_code).await;
    }
    let text = log.take();
    for cause in [
        "device_code_pending",
        "device_code_malformed",
        "device_code_denied",
        "device_code_replayed",
        "device_user_code_unknown",
        "device_user_code_not_the_links",
    ] {
        assert!(text.contains(cause), "{cause}:\n{text}");
    }
    canaries.are_not_in(&text);
}
