//! The exceptions, and that they except no more than they say.

use countersign_fetch::{AllowList, FetchError, Policy, Request};

use crate::listener::{Reply, fetcher, listen, loopback_policy, url};

#[test]
fn an_entry_is_a_host_an_address_or_a_network() {
    let list = AllowList::parse([
        "Jwks.Internal",
        "10.1.2.3",
        "192.168.0.0/16",
        "fd00::/8",
        "::1",
    ])
    .expect("all are good");
    assert!(list.names_host("jwks.internal"));
    assert!(list.names_host("JWKS.internal."));
    assert!(!list.names_host("x.jwks.internal"));
    assert!(!list.names_host("jwks.internal.example"));
    for (address, named) in [
        ("10.1.2.3", true),
        ("10.1.2.4", false),
        ("192.168.255.1", true),
        ("192.169.0.1", false),
        ("::ffff:10.1.2.3", true),
        ("fd12::1", true),
        ("fe80::1", false),
        ("::1", true),
        ("::2", false),
    ] {
        assert_eq!(
            list.names_address(address.parse().expect("an address")),
            named,
            "{address}"
        );
    }
    assert_eq!(
        list.to_string(),
        "jwks.internal, 10.1.2.3/32, 192.168.0.0/16, fd00::/8, ::1/128"
    );
}

#[test]
fn an_entry_that_is_neither_is_named() {
    for entry in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "*.internal",
        "a b",
        "https://x",
        "127.1",
        "x:80",
    ] {
        let fault = AllowList::parse([entry]).expect_err(entry);
        assert_eq!(fault.entry, entry);
    }
}

#[test]
fn everything_is_in_the_network_of_zero_bits() {
    let list = AllowList::parse(["0.0.0.0/0"]).expect("it is valid");
    assert!(list.names_address("10.0.0.1".parse().expect("an address")));
    assert!(!list.names_address("fd00::1".parse().expect("an address")));
}

#[tokio::test]
async fn loopback_is_reached_over_http_only_where_it_is_listed() {
    let (port, seen) = listen(Reply::ok("{}")).await;
    let literal = url(&format!("http://127.0.0.1:{port}/"));
    let name = url(&format!("http://localhost:{port}/"));

    let closed = fetcher(Policy::default());
    let error = closed
        .send(Request::get(literal.clone()))
        .await
        .expect_err("it is loopback");
    assert_eq!(error.code(), "fetch_loopback_not_allowed");
    assert!(error.to_string().contains("Policy::allow_loopback_http"));
    let error = closed
        .send(Request::get(name.clone()))
        .await
        .expect_err("it is loopback");
    assert_eq!(error.code(), "fetch_loopback_not_allowed");
    let secure = url(&format!("https://localhost:{port}/"));
    let error = closed
        .send(Request::get(secure))
        .await
        .expect_err("it is loopback");
    assert_eq!(error.code(), "fetch_refused_address");
    assert_eq!(seen.connections(), 0);

    for policy in [loopback_policy(), Policy::default().allow_loopback_http()] {
        let open = fetcher(policy);
        assert!(open.send(Request::get(literal.clone())).await.is_ok());
        assert!(open.send(Request::get(name.clone())).await.is_ok());
    }
    // What was allowed before stays allowed.
    let allow = AllowList::parse(["10.0.0.0/8"]).expect("it is valid");
    let policy = Policy {
        allow,
        ..Policy::default()
    };
    let allow = policy.allow_loopback_http().allow;
    assert!(allow.names_address("10.1.2.3".parse().expect("an address")));
    assert!(allow.names_host("localhost"));
}

#[tokio::test]
async fn a_listed_host_that_is_not_loopback_still_needs_https() {
    let allow = AllowList::parse(["op.internal", "10.0.0.0/8"]).expect("both are valid");
    let fetcher = fetcher(Policy {
        allow,
        ..Policy::default()
    });
    for text in ["http://op.internal/", "http://10.0.0.1/"] {
        let error = fetcher.send(Request::get(url(text))).await.expect_err(text);
        assert!(
            matches!(error, FetchError::HttpsRequired { .. }),
            "{text}: {error}"
        );
    }
}
