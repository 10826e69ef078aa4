//! No issuer that the configuration accepts can keep the router from being made, or from serving
//! below its path.

use std::sync::LazyLock;

use countersign::configuration::ProviderIssuer;
use countersign_testing::{Options, TestProvider};
use http::Method;
use proptest::prelude::*;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Parts of paths: words of the router's own patterns and addresses, and anything that a URL may
/// hold.
fn segment() -> impl Strategy<Value = String> {
    let words = [
        "",
        ":tenant",
        "*rest",
        "*",
        ":",
        "{id}",
        "%7Bid%7D",
        "a",
        "a.b",
        ".",
        "..",
        "%2e%2e",
        "%2F",
        "healthz",
        "readyz",
        ".well-known",
        "openid-configuration",
        "oauth-authorization-server",
        "token",
        "authorize",
        "assets",
        "errors",
        "a:b",
        "a*b",
        "~",
        "-",
        "%00",
        "%ff",
        "a;b=c",
        "é",
        "a b",
        "\\",
        "@",
        "$&+,=",
    ];
    prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        "[!-~]{1,6}",
    ]
}

/// Whether the issuer is served, where it is accepted.
fn serves(text: &str) -> Result<bool, String> {
    let issuer: ProviderIssuer = match text.parse() {
        Ok(issuer) => issuer,
        Err(_) => return Ok(false),
    };
    let text: &'static str = issuer.to_string().leak();
    RUNTIME.block_on(async {
        let op = TestProvider::start_with(Options::at(text)).await;
        let path = issuer.path_prefix();
        for (address, expected) in [
            (format!("{path}/jwks"), 200),
            (format!("{path}/.well-known/openid-configuration"), 200),
            (
                format!("/.well-known/oauth-authorization-server{path}"),
                200,
            ),
            ("/healthz".to_owned(), 200),
            (format!("{path}/healthz"), 200),
            // Below another path there is nothing.
            (format!("/x{path}/jwks"), 404),
        ] {
            let response = op.browser().send(Method::GET, &address, &[], None).await;
            if response.status != expected {
                return Err(format!("{text}: {address}: {}", response.status));
            }
        }
        Ok(true)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_issuer_that_is_accepted_is_served(segments in prop::collection::vec(segment(), 0..4)) {
        let path: String = segments.iter().map(|segment| format!("/{segment}")).collect();
        prop_assert_eq!(serves(&format!("https://op.example{path}")).err(), None);
    }
}

#[test]
fn some_issuers_with_a_path_are_accepted() {
    for path in [
        "",
        "/a",
        "/a/b.c",
        "/token",
        "/a/healthz",
        "/a/.well-known/openid-configuration",
    ] {
        assert_eq!(
            serves(&format!("https://op.example{path}")),
            Ok(true),
            "{path}"
        );
    }
    for path in [
        "/:tenant",
        "/a/*rest",
        "/.well-known",
        "/healthz/a",
        "/%61",
        "/%7Bid%7D",
        "/a/%2e%2e%2e",
    ] {
        assert_eq!(
            serves(&format!("https://op.example{path}")),
            Ok(false),
            "{path}"
        );
    }
}
