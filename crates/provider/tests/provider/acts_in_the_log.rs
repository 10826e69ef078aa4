//! The log says of every act who did it, for which client, from where, and what came of it.

use countersign_testing::{ALICE, Browser, TestProvider, callback};

use crate::device_flow::{approval_page, codes, poll};
use crate::log::Log;

const CALLBACK: &str = callback::CONFIDENTIAL;

/// The one line with this text; it is of the given level and has these fields.
#[track_caller]
fn line(written: &str, text: &str, level: &str, fields: &[&str]) {
    let lines: Vec<&str> = written.lines().filter(|line| line.contains(text)).collect();
    let [line] = lines.as_slice() else {
        panic!("{} lines with {text}:\n{written}", lines.len());
    };
    assert!(line.contains(level), "{level}: {line}");
    for field in fields {
        assert!(line.contains(field), "{field}: {line}");
    }
    assert_eq!(line.matches("request_id=").count(), 1, "{line}");
}

fn from_somewhere(op: &TestProvider) -> Browser {
    let mut browser = op.browser();
    browser.address = Some("203.0.113.7:1000".parse().expect("an address"));
    browser
}

#[tokio::test]
async fn a_persons_acts_are_lines_with_who_for_which_client_and_from_where() {
    let log = Log::start();
    let op = TestProvider::start().await;
    let mut browser = from_somewhere(&op);
    let request = op.authorization("confidential", CALLBACK, "openid email");
    let from = "peer=203.0.113.7";
    let client = "client_id=\"confidential\"";
    let sub = format!("sub=\"{}\"", ALICE.sub);
    log.take();

    let login = browser.get_with("/authorize", &request).await;
    browser.sign_in(&login, ALICE.username, "wrong").await;
    line(&log.take(), "login_password_wrong", "INFO", &[from, client]);
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    line(
        &log.take(),
        "act=\"sign_in\"",
        "INFO",
        &[from, client, &sub],
    );

    browser.submit(&consent, &[("decision", "deny")]).await;
    line(&log.take(), "consent_denied", "INFO", &[from, client]);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let written = log.take();
    line(&written, "act=\"consent\"", "INFO", &[from, client, &sub]);
    let scope = "scope=\"openid email\"";
    line(
        &written,
        "act=\"authorize\"",
        "INFO",
        &[from, client, &sub, scope],
    );

    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let kind = "grant_type=\"authorization_code\"";
    line(
        &log.take(),
        "act=\"token\"",
        "INFO",
        &[client, &sub, scope, kind],
    );
    let hint = tokens.id_token.expect("an ID token");
    browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    line(
        &log.take(),
        "act=\"sign_out\"",
        "INFO",
        &[from, client, &sub],
    );

    let mut refused = request.clone();
    refused.retain(|(name, _)| *name != "redirect_uri");
    refused.push(("redirect_uri", "https://evil.example/".to_owned()));
    browser.get_with("/authorize", &refused).await;
    let cause = "authorize_redirect_uri_not_registered";
    line(&log.take(), cause, "INFO", &[from, client]);
}

#[tokio::test]
async fn a_clients_own_tokens_are_lines_too() {
    let log = Log::start();
    let op = TestProvider::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", "reports")];
    op.token("confidential", &form).await;
    let client = "client_id=\"confidential\"";
    let kind = "grant_type=\"client_credentials\"";
    line(
        &log.take(),
        "act=\"token\"",
        "INFO",
        &[client, kind, "scope=\"reports\""],
    );
}

#[tokio::test]
async fn a_replay_and_a_reuse_are_warnings() {
    // Both mean that someone may have a stolen credential (RFC 6749, section 10.5; RFC 9700,
    // section 4.14).
    let log = Log::start();
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    op.redeem("confidential", CALLBACK, &code).await;
    log.take();
    op.redeem("confidential", CALLBACK, &code).await;
    line(
        &log.take(),
        "code_replayed",
        "WARN",
        &["client_id=\"confidential\""],
    );

    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let old = tokens.refresh_token.expect("a refresh token");
    op.refresh("confidential", &old).await;
    op.clock.advance(60);
    log.take();
    op.refresh("confidential", &old).await;
    line(
        &log.take(),
        "refresh_token_reused",
        "WARN",
        &["client_id=\"confidential\""],
    );
}

#[tokio::test]
async fn a_revocation_is_a_line_that_says_what_ended() {
    let log = Log::start();
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let client = "client_id=\"confidential\"";
    let sub = format!("sub=\"{}\"", ALICE.sub);
    let act = "act=\"revoke\"";
    for (token, fields) in [
        (
            &tokens.access_token,
            [client, &sub, "grant=", "an access token was revoked"],
        ),
        (
            &refresh_token,
            [client, &sub, "grant=", "a grant was revoked"],
        ),
        (
            &refresh_token,
            [client, act, "why=\"grant_ended\"", "nothing was revoked"],
        ),
    ] {
        log.take();
        op.revoke("confidential", token).await;
        let written = log.take();
        line(&written, act, "INFO", &fields);
        assert!(!written.contains(token.as_str()), "{written}");
    }
    // Introspection is as frequent as the API's own requests, and changes nothing.
    op.introspect("confidential", &refresh_token).await;
    let why = "why=\"grant_ended\"";
    line(&log.take(), "act=\"introspect\"", "DEBUG", &[client, why]);
}

#[tokio::test]
async fn a_devices_request_its_answer_and_its_tokens_are_lines_of_one_grant() {
    let log = Log::start();
    let op = crate::device_flow::start().await;
    let client = "client_id=\"television\"";
    let sub = format!("sub=\"{}\"", ALICE.sub);
    let scope = "scope=\"openid\"";
    for (decision, act) in [("allow", "device_approval"), ("deny", "device_denial")] {
        log.take();
        let codes = codes(&op, "openid").await;
        let written = log.take();
        line(&written, "act=\"device_request\"", "INFO", &[client, scope]);
        let grant = written.split("grant=").nth(1).expect("an id");
        let grant = format!("grant={}", grant.split(' ').next().expect("an id"));

        // A device polls every few seconds: that is no line at the default level.
        poll(&op, &codes.device_code).await;
        line(&log.take(), "device_code_pending", "DEBUG", &[client]);

        let mut browser = from_somewhere(&op);
        let page = approval_page(&mut browser, &ALICE, &codes.user_code).await;
        log.take();
        browser.submit(&page, &[("decision", decision)]).await;
        let from = "peer=203.0.113.7";
        let act = format!("act=\"{act}\"");
        let written = log.take();
        line(&written, &act, "INFO", &[from, client, &sub, &grant]);

        poll(&op, &codes.device_code).await;
        match decision {
            "allow" => {
                let kind = "grant_type=\"urn:ietf:params:oauth:grant-type:device_code\"";
                let fields = [client, &sub, &grant, kind];
                line(&log.take(), "act=\"token\"", "INFO", &fields);
                poll(&op, &codes.device_code).await;
                line(&log.take(), "device_code_replayed", "WARN", &[client]);
            }
            _ => line(&log.take(), "device_code_denied", "INFO", &[client]),
        }
    }
}
