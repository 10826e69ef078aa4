//! Attack cases 7 to 11: where a browser may be sent (RFC 9700, sections 4.1 and 4.11; RFC 8252,
//! sections 7.3 and 8.3).

use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_testing::{ALICE, Answer, Options, TestProvider, callback};
use http::{Method, StatusCode, header};

use crate::expect;

async fn asked_for(op: &TestProvider, client_id: &str, redirect_uri: &str) -> Answer {
    let request = op.authorization(client_id, redirect_uri, "openid");
    op.browser().get_with("/authorize", &request).await
}

#[tokio::test]
async fn attack_07_a_redirect_uri_that_is_not_character_by_character_the_registered_one_is_a_page()
{
    let op = TestProvider::start().await;
    for redirect_uri in [
        "https://confidential.example/callback/",
        "https://confidential.example/callback/.",
        "https://confidential.example/callback/../callback",
        "https://confidential.example/callback/%2e%2e/callback",
        "https://confidential.example/callback/..%2fevil",
        "https://confidential.example//callback",
        "https://confidential.example/./callback",
        "https://confidential.example/callback.",
        "https://confidential.example/Callback",
        "https://CONFIDENTIAL.example/callback",
        "HTTPS://confidential.example/callback",
        "https://confidential.example./callback",
        "https://confidential.example:443/callback",
        "https://confidential.example:8443/callback",
        "http://confidential.example/callback",
        "https://user@confidential.example/callback",
        "https://confidential.example@evil.example/callback",
        "https://confidential.example%40evil.example/callback",
        "https://confidential.example\\@evil.example/callback",
        "https:\\\\confidential.example\\callback",
        "https://confidential.example\\callback",
        "https://confidential.example/callback%00",
        "https://confidential.example/callback%00.evil.example",
        "https://confidential.example/callback%0d%0aSet-Cookie:x=1",
        "https://confidentiаl.example/callback", // Cyrillic a
        "https://xn--confidentil-r4h.example/callback",
        "https://sub.confidential.example/callback",
        "https://evil-confidential.example/callback",
        "https://confidential.example.evil.example/callback",
        "https://confidential.example/callback2",
        "https://confidential.example/callback/deeper",
        "https://confidential.example/call%62ack",
        "https://confidential.example/callback?",
        "https://confidential.example/callback?next=https://evil.example",
        "https://confidential.example/callback#",
        "https://confidential.example/callback#fragment",
        "https://confidential.example/callback;x",
        "https://confidential.example/callback%20",
        "https://confidential.example/callback ",
        " https://confidential.example/callback",
        "//confidential.example/callback",
        "/callback",
        "callback",
        "https://evil.example/callback",
        "https://posting.example/callback?tenant=1", // another client's
        "javascript:alert(1)//https://confidential.example/callback",
        "data:text/html,https://confidential.example/callback",
    ] {
        let answer = asked_for(&op, "confidential", redirect_uri).await;
        expect::page(&answer);
        let heading = answer.error_heading();
        assert_eq!(
            heading.as_deref(),
            Some("Return address not registered"),
            "{redirect_uri}"
        );
        assert!(
            !answer.body.contains("evil.example"),
            "repeated on the page: {redirect_uri}"
        );
    }
}

#[tokio::test]
async fn attack_07_control_characters_in_a_redirect_uri_are_a_page_too() {
    let op = TestProvider::start().await;
    for redirect_uri in [
        "https://confidential.example/callback\u{0}",
        "https://confidential.example/callback\r\nSet-Cookie: x=1",
        "https://confidential.example/callback\n",
        "https://confidential.example/\tcallback",
    ] {
        expect::page(&asked_for(&op, "confidential", redirect_uri).await);
    }
}

#[tokio::test]
async fn attack_07_a_query_of_the_registered_uri_must_be_the_same() {
    let op = TestProvider::start().await;
    assert_eq!(
        asked_for(&op, "posting", callback::POSTING)
            .await
            .page_kind(),
        "login"
    );
    for redirect_uri in [
        "https://posting.example/callback",
        "https://posting.example/callback?tenant=2",
        "https://posting.example/callback?tenant=1&tenant=2",
        "https://posting.example/callback?Tenant=1",
        "https://posting.example/callback?tenant=%31",
    ] {
        expect::page(&asked_for(&op, "posting", redirect_uri).await);
    }
}

#[tokio::test]
async fn attack_07_a_posted_authorization_request_is_held_to_the_same_rule() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization("confidential", "https://evil.example/callback", "openid");
    expect::page(&browser.post("/authorize", &request).await);
}

#[tokio::test]
async fn attack_08_of_a_native_clients_loopback_address_only_the_port_may_vary() {
    let op = TestProvider::start().await;
    // RFC 8252, section 7.3: any port, chosen when the listener starts.
    for redirect_uri in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:51004/callback",
        "com.example.app:/callback",
    ] {
        let answer = asked_for(&op, "native", redirect_uri).await;
        assert_eq!(answer.page_kind(), "login", "{redirect_uri}");
    }
    for redirect_uri in [
        "http://localhost/callback", // RFC 8252, section 8.3: a name, and not 127.0.0.1
        "http://localhost:51004/callback",
        "http://127.0.0.2:51004/callback",
        "http://[::1]:51004/callback",
        "http://0.0.0.0:51004/callback",
        "http://127.1:51004/callback",
        "http://2130706433:51004/callback",
        "https://127.0.0.1:51004/callback",
        "http://127.0.0.1:51004/",
        "http://127.0.0.1:51004/callback?x=1",
        "http://127.0.0.1:51004/callback#x",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:51004@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "com.example.app://callback",
        "com.example.app:/callback/deeper",
        "COM.example.app:/callback",
    ] {
        expect::page(&asked_for(&op, "native", redirect_uri).await);
    }
}

#[tokio::test]
async fn attack_08_the_code_goes_to_that_port_and_is_bound_to_it() {
    let op = TestProvider::start().await;
    let here = "http://127.0.0.1:51004/callback";
    let elsewhere = "http://127.0.0.1:51005/callback";
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "native", here, "openid")
        .await;
    expect::refused(
        &op.redeem("native", elsewhere, &code).await,
        "invalid_grant",
    );
    let code = op
        .code(&mut browser, &ALICE, "native", here, "openid")
        .await;
    assert_eq!(
        op.redeem("native", here, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn attack_08_a_web_clients_loopback_port_does_not_vary() {
    let op = TestProvider::start().await;
    let metadata =
        r#"{"application_type": "web", "redirect_uris": ["http://127.0.0.1:3000/callback"]}"#;
    op.add_client_with("development", Some("secret"), metadata)
        .await;
    let exact = asked_for(&op, "development", "http://127.0.0.1:3000/callback").await;
    assert_eq!(exact.page_kind(), "login");
    expect::page(&asked_for(&op, "development", "http://127.0.0.1:3001/callback").await);
}

#[tokio::test]
async fn attack_09_addresses_that_run_in_the_browser_cannot_be_registered() {
    let op = TestProvider::start().await;
    let declared = op.provider.declared_resources().await.expect("resources");
    let offered = countersign_provider::offered::to_clients(&op.provider.settings, &declared);
    for policy in [
        ClientPolicy::operator(offered.clone()),
        ClientPolicy::self_registered(offered),
    ] {
        for application_type in ["web", "native"] {
            for uri in [
                "javascript:alert(1)",
                "JavaScript:alert(1)",
                "javascript://confidential.example/%0aalert(1)",
                "data:text/html,<script>alert(1)</script>",
                "data:text/html;base64,PHNjcmlwdD4=",
                "vbscript:msgbox(1)",
                "file:///etc/passwd",
                "blob:https://confidential.example/1",
                "about:blank",
                "https://confidential.example/callback#fragment",
                "https://user:password@confidential.example/callback",
                "http://confidential.example/callback",
                "//confidential.example/callback",
                "callback",
                "",
            ] {
                for member in ["redirect_uris", "post_logout_redirect_uris"] {
                    let mut metadata = serde_json::json!({
                        "application_type": application_type,
                        "redirect_uris": ["https://confidential.example/callback"],
                    });
                    metadata[member] = serde_json::json!([uri]);
                    let metadata = ClientMetadata::from_json(metadata.to_string().as_bytes());
                    let outcome = metadata.and_then(|metadata| metadata.validate(&policy));
                    assert!(
                        outcome.is_err(),
                        "{member} {uri} of a {application_type} client"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn attack_09_no_client_registers_an_address_that_runs() {
    let op = TestProvider::start_with(Options::with(|settings| settings.registration.open = true));
    let op = op.await;
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ] {
        let metadata = serde_json::json!({ "redirect_uris": [uri] }).to_string();
        let json = [("content-type", "application/json".to_owned())];
        let mut browser = op.browser();
        let answer = browser
            .send(Method::POST, "/register", &json, Some(metadata))
            .await;
        // RFC 7591, section 3.2.2.
        expect::refused(&answer, "invalid_redirect_uri");
    }
}

#[tokio::test]
async fn attack_09_an_address_that_runs_is_led_to_by_no_old_record() {
    let op = TestProvider::start().await;
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///x",
    ] {
        let metadata = serde_json::json!({
            "redirect_uris": [uri], "post_logout_redirect_uris": [uri],
        });
        op.add_client_with(uri, Some("secret"), &metadata.to_string())
            .await;
        let mut request = op.authorization(uri, uri, "openid");
        request.push(("response_mode", "form_post".to_owned()));
        expect::page(&op.browser().get_with("/authorize", &request).await);
        let request = [("client_id", uri), ("post_logout_redirect_uri", uri)];
        let page = op.browser().get_with("/logout", &request).await;
        assert!(!page.body.contains("href=\"javascript:"), "{page:?}");
        assert!(!page.headers.contains_key(header::LOCATION), "{page:?}");
    }
}

#[tokio::test]
async fn attack_10_a_bad_client_id_is_a_page_whatever_else_is_wrong() {
    let op = TestProvider::start().await;
    op.disable_client("first-party").await;
    let errors: [&[(&str, &str)]; 13] = [
        &[],
        &[("prompt", "none")],
        &[("prompt", "none login")],
        &[("response_type", "token")],
        &[("response_mode", "form_post")],
        &[("scope", "\"")],
        &[("request", "x"), ("request_uri", "y")],
        &[("request", "x")],
        &[("request_uri", "https://confidential.example/r")],
        &[("code_challenge_method", "plain")],
        &[("max_age", "soon")],
        &[("claims", "{")],
        &[("id_token_hint", "x"), ("prompt", "none")],
    ];
    for client_id in [
        "nobody",
        "",
        "first-party",
        "CONFIDENTIAL",
        "confidential ",
        "conf*",
    ] {
        for error in errors {
            let mut request = op.authorization(client_id, callback::CONFIDENTIAL, "openid");
            request.retain(|(name, _)| error.iter().all(|(replaced, _)| replaced != name));
            request.extend(
                error
                    .iter()
                    .map(|(name, value)| (*name, (*value).to_owned())),
            );
            let answer = op.browser().get_with("/authorize", &request).await;
            expect::page(&answer);
            let heading = answer.error_heading();
            assert_eq!(
                heading.as_deref(),
                Some("Unknown application"),
                "{client_id} {error:?}"
            );
        }
    }
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.retain(|(name, _)| *name != "client_id");
    expect::page(&op.browser().get_with("/authorize", &request).await);
}

#[tokio::test]
async fn attack_11_an_unregistered_post_logout_redirect_uri_is_a_page_and_never_a_redirect() {
    // RP-Initiated Logout, sections 3 and 4: the address is not used; the hint still signs out.
    let op = TestProvider::start().await;
    let redirect_uri = callback::CONFIDENTIAL;
    for evil in [
        "https://evil.example/bye",
        "https://confidential.example/bye/",
        "https://confidential.example/bye?x=1",
        "https://confidential.example/bye#x",
        "https://confidential.example/callback", // a redirect URI is no such address
        "javascript:alert(1)",
        "//evil.example/bye",
        "/bye",
    ] {
        let mut browser = op.browser();
        let code = op
            .code(&mut browser, &ALICE, "confidential", redirect_uri, "openid")
            .await;
        let tokens = op
            .redeem("confidential", redirect_uri, &code)
            .await
            .tokens();
        let hint = tokens.id_token.expect("an ID token");
        let request = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", evil),
        ];
        let named = [
            ("client_id", "confidential"),
            ("post_logout_redirect_uri", evil),
        ];
        let problem = "return address is not registered";
        let page = browser.get_with("/logout", &named).await;
        expect::sign_out_page(&page, problem);
        assert!(
            expect::is_accepted(&op, &tokens.access_token).await,
            "asked first"
        );
        expect::sign_out_page(&browser.get_with("/logout", &request).await, problem);
        expect::sign_out_page(&browser.post("/logout", &request).await, problem);
        assert!(!expect::is_accepted(&op, &tokens.access_token).await);
    }
}
