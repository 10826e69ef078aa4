//! Which host the router serves: the one that a request names (RFC 9112, section 3.2.2), with and
//! without names that were added.

use countersign_testing::{Options, TestProvider};
use http::Method;

async fn status(op: &TestProvider, target: &str, host: &str) -> u16 {
    let headers = [("host", host.to_owned())];
    let answer = op.browser().send(Method::GET, target, &headers, None).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn the_targets_authority_goes_before_the_host() {
    let op = TestProvider::start_with(Options::at("http://localhost:8080")).await;
    for (target, host, expected) in [
        ("/jwks", "localhost:8080", 200),
        ("/jwks", "evil.example", 421),
        ("http://localhost:8080/jwks", "evil.example", 200),
        ("http://evil.example/jwks", "localhost:8080", 421),
    ] {
        assert_eq!(status(&op, target, host).await, expected, "{target} {host}");
    }
}

#[tokio::test]
async fn names_that_were_added_bind_on_any_issuer() {
    let op = TestProvider::start_with(Options::with_site(|settings| {
        settings.requests.allowed_hosts = vec!["alias.example".parse().unwrap()];
    }))
    .await;
    for (host, expected) in [
        ("op.example", 200),
        ("alias.example", 200),
        ("elsewhere.example", 421),
    ] {
        assert_eq!(status(&op, "/jwks", host).await, expected, "{host}");
    }
    let any = TestProvider::start().await;
    assert_eq!(status(&any, "/jwks", "elsewhere.example").await, 200);
}

#[tokio::test]
async fn probes_may_name_any_host_on_every_issuer() {
    for issuer in ["http://localhost:8080", "https://op.example/tenant"] {
        let mut options = Options::at(issuer);
        options.site.requests.allowed_hosts = vec!["alias.example".parse().unwrap()];
        let op = TestProvider::start_with(options).await;
        for (path, expected) in [("/healthz", 200), ("/readyz", 200), ("/jwks", 421)] {
            assert_eq!(
                status(&op, path, "10.244.0.5:8080").await,
                expected,
                "{issuer} {path}"
            );
        }
    }
}
