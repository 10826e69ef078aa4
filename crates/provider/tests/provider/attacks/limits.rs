//! Attack case 61: requests that are too much (OWASP ASVS 2.4, RFC 9110, section 15.5).

use countersign_testing::{ALICE, Options, TestProvider, callback};
use http::{Method, StatusCode};

use crate::expect;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn attack_61_a_huge_body_is_refused_wherever_it_is_sent() {
    let op = TestProvider::start().await;
    let limit = op.provider.site.settings.requests.max_body_bytes;
    let mut browser = op.signed_in(&ALICE).await;
    for path in [
        "/authorize",
        "/token",
        "/userinfo",
        "/login",
        "/consent",
        "/logout",
        "/setup",
    ] {
        for size in [limit + 1, 10 * limit, 16 * 1024 * 1024] {
            let headers = [("content-type", FORM.to_owned())];
            let body = format!("x={}", "y".repeat(size - 2));
            let answer = browser.send(Method::POST, path, &headers, Some(body)).await;
            assert_eq!(
                answer.status,
                StatusCode::PAYLOAD_TOO_LARGE,
                "{path} {size}: {answer:?}"
            );
            assert!(answer.body.len() < 16 * 1024, "an answer of modest size");
        }
    }
}

#[tokio::test]
async fn attack_61_a_huge_parameter_or_very_many_of_them_are_refused() {
    let op = TestProvider::start().await;
    let many: Vec<(String, String)> = (0..1_000)
        .map(|n| (format!("p{n}"), "1".to_owned()))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let huge = "y".repeat(40_000);
    let mut browser = op.browser();
    for request in [many.as_slice(), &[("state", &huge)], &[(&huge, "1")]] {
        expect::page(&browser.get_with("/authorize", request).await);
        let page = browser.get_with("/logout", request).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page:?}");
        expect::sign_out_page(&page, "could not be read");
        expect::refused(&browser.post("/token", request).await, "invalid_request");
    }
}

#[tokio::test]
async fn attack_61_a_huge_scope_is_refused() {
    let op = TestProvider::start().await;
    let words: Vec<String> = (0..500).map(|n| format!("scope{n}")).collect();
    for scope in [words.join(" "), "s".repeat(3_000)] {
        let request = op.authorization("confidential", callback::CONFIDENTIAL, &scope);
        let answer = op.browser().get_with("/authorize", &request).await;
        expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_scope");
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope.as_str()),
        ];
        expect::refused(&op.token("confidential", &form).await, "invalid_scope");
    }
}

#[tokio::test]
async fn attack_61_a_state_that_would_not_fit_through_the_pages_is_refused() {
    let op = TestProvider::start().await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.retain(|(name, _)| *name != "nonce");
    request.push(("nonce", "n".repeat(20_000)));
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request");
}

#[tokio::test]
async fn attack_61_json_ten_thousand_levels_deep_breaks_nothing() {
    let op = TestProvider::start().await;
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let array = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let mut browser = op.browser();
    for body in [&deep[..60_000], array.as_str()] {
        let headers = [("content-type", "application/json".to_owned())];
        let answer = browser
            .send(Method::POST, "/token", &headers, Some(body.to_owned()))
            .await;
        expect::refused(&answer, "invalid_request");
    }
    // Also for a client that may send JSON.
    let metadata = r#"{"grant_types": ["client_credentials"], "accept_json_token_requests": true,
        "token_endpoint_auth_method": "client_secret_post"}"#;
    op.add_client_with("json", Some("secret"), metadata).await;
    let nested = format!(r#"{{"client_id":"json","client_secret":"secret","grant_type":{array}}}"#);
    let headers = [("content-type", "application/json".to_owned())];
    let answer = browser
        .send(Method::POST, "/token", &headers, Some(nested))
        .await;
    expect::refused(&answer, "invalid_request");

    // The parameter claims is JSON too (OpenID Connect Core, section 5.5).
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("claims", deep[..20_000].to_owned()));
    let answer = browser.get_with("/authorize", &request).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request");
}

#[tokio::test]
async fn attack_61_huge_headers_are_read_within_bounds() {
    let op = TestProvider::start().await;
    let huge = "a".repeat(200_000);
    let cookies = (0..5_000)
        .map(|n| format!("c{n}=1"))
        .collect::<Vec<_>>()
        .join("; ");
    for (name, value) in [
        ("cookie", cookies),
        ("cookie", format!("{}={huge}", op.provider.cookies.session)),
        ("accept-language", "de,".repeat(50_000)),
        ("accept", huge.clone()),
        ("authorization", format!("Bearer {huge}")),
        ("authorization", format!("Basic {huge}")),
        ("content-type", huge.clone()),
        ("user-agent", huge.clone()),
    ] {
        let headers = [(name, value)];
        for path in ["/authorize", "/userinfo", "/logout", "/"] {
            let answer = op.browser().send(Method::GET, path, &headers, None).await;
            assert!(
                answer.status.as_u16() < 500,
                "{name} {path}: {}",
                answer.status
            );
        }
        let answer = op
            .browser()
            .send(Method::POST, "/token", &headers, None)
            .await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.status);
    }
}

#[tokio::test]
async fn attack_61_an_unknown_path_is_404_and_an_unknown_method_405_that_names_the_known() {
    // With the addresses that have to be switched on.
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.logout.session_management = true;
    }))
    .await;
    for path in [
        "/nowhere",
        "/token/",
        "/authorize/x",
        "/.well-known/x",
        "/errors/x",
        "/assets/x",
    ] {
        let answer = op.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let html = [("accept", "text/html,*/*;q=0.8".to_owned())];
        let page = op.browser().get_with_headers(path, &html).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}: {page:?}");
        assert_eq!(page.page_kind(), "error", "{path}");
    }
    for address in countersign_provider::routes::addresses() {
        let (path, methods) = (address.path, address.methods);
        for method in [Method::DELETE, Method::PUT, Method::PATCH, Method::TRACE] {
            if methods.contains(&method) {
                continue;
            }
            let answer = op.browser().send(method.clone(), path, &[], None).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}: {answer:?}"
            );
            // RFC 9110, section 15.5.6: "The origin server MUST generate an Allow header field".
            let allow = answer.header("allow");
            for known in &methods {
                assert!(allow.contains(known.as_str()), "{method} {path}: {allow}");
            }
        }
        if path.contains('{') {
            continue; // The last part names what is there.
        }
        for known in methods {
            let answer = op.browser().send(known.clone(), path, &[], None).await;
            assert_ne!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{known} {path}"
            );
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{known} {path}");
        }
    }
}
