//! What a web page's script may send: the preflight of CORS (Fetch, section 4.8) before a request
//! from another origin.

use countersign_testing::TestProvider;
use http::Method;

/// Whether the response to a preflight lets a script send that header without credentials.
fn allows(allowed: &str, header: &str) -> bool {
    let mut names = allowed.split(',').map(str::trim);
    match header {
        // The asterisk does not include it.
        "authorization" => names.any(|name| name.eq_ignore_ascii_case("authorization")),
        header => names.any(|name| name == "*" || name.eq_ignore_ascii_case(header)),
    }
}

#[tokio::test]
async fn a_script_may_send_any_header_to_what_programs_call() {
    let op = TestProvider::start().await;
    for path in [
        "/token",
        "/userinfo",
        "/jwks",
        "/.well-known/openid-configuration",
    ] {
        for header in [
            "authorization",
            "content-type",
            "dpop",
            "traceparent",
            "mcp-protocol-version",
            "x-anything",
        ] {
            let headers = [
                ("origin", "https://app.example".to_owned()),
                ("access-control-request-method", "POST".to_owned()),
                ("access-control-request-headers", header.to_owned()),
            ];
            let answer = op
                .browser()
                .send(Method::OPTIONS, path, &headers, None)
                .await;
            assert_eq!(answer.status, 204, "{path}");
            let value = |name: &str| {
                answer
                    .headers
                    .get(name)
                    .and_then(|value| value.to_str().ok())
            };
            assert_eq!(value("access-control-allow-origin"), Some("*"));
            assert_eq!(value("access-control-allow-credentials"), None);
            let allowed = value("access-control-allow-headers").unwrap_or_default();
            assert!(allows(allowed, header), "{path}: {header} by {allowed:?}");
        }
    }
}

#[tokio::test]
async fn no_script_of_another_origin_may_call_what_people_open() {
    let op = TestProvider::start().await;
    for path in ["/authorize", "/login", "/consent", "/logout", "/"] {
        let headers = [
            ("origin", "https://app.example".to_owned()),
            ("access-control-request-method", "POST".to_owned()),
        ];
        let answer = op
            .browser()
            .send(Method::OPTIONS, path, &headers, None)
            .await;
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}
