//! What is said of a fetch: messages and stable names of its causes, and what debug output keeps to
//! itself.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_fetch::address::AddressClass;
use countersign_fetch::resolver::{Resolution, Resolver};
use countersign_fetch::{FetchError, Policy, Request};
use http::HeaderName;

use crate::listener::{Reply, fetcher, listen, loopback_policy, url};

fn host() -> String {
    "op.example".to_owned()
}

fn reason() -> String {
    "why".to_owned()
}

/// Logs and documentation refer to the names; the messages name the host and never a query, a
/// header or a body.
#[test]
fn every_cause_has_a_stable_name_and_a_message_with_what_matters() {
    let limit = Duration::from_secs(5);
    let rows: [(FetchError, &str, &str); 13] = [
        (
            FetchError::UnsupportedScheme {
                scheme: "ftp".to_owned(),
            },
            "fetch_unsupported_scheme",
            "the scheme ftp is not fetched, only https",
        ),
        (
            FetchError::HttpsRequired { host: host() },
            "fetch_https_required",
            "op.example must be fetched over https",
        ),
        (
            FetchError::LoopbackNotAllowed {
                host: "localhost".to_owned(),
            },
            "fetch_loopback_not_allowed",
            "localhost is this machine, which is not fetched over http unless \
             Policy::allow_loopback_http says so",
        ),
        (
            FetchError::UserinfoInUrl { host: host() },
            "fetch_userinfo_in_url",
            "the address of op.example contains a user name or password",
        ),
        (
            FetchError::RefusedAddress {
                host: host(),
                address: "169.254.169.254".parse().expect("an address"),
                class: AddressClass::LinkLocal,
            },
            "fetch_refused_address",
            "op.example is at 169.254.169.254, a link-local address that the allow-list doesn't name",
        ),
        (
            FetchError::NameNotResolved {
                host: host(),
                reason: reason(),
            },
            "fetch_name_not_resolved",
            "op.example could not be resolved: why",
        ),
        (
            FetchError::ConnectFailed {
                host: host(),
                reason: reason(),
            },
            "fetch_connect_failed",
            "no connection to op.example: why",
        ),
        (
            FetchError::Tls {
                host: host(),
                reason: reason(),
            },
            "fetch_tls",
            "no secure connection to op.example: why",
        ),
        (
            FetchError::ConnectTimedOut {
                host: host(),
                limit,
            },
            "fetch_connect_timed_out",
            "op.example did not accept a connection within 5s",
        ),
        (
            FetchError::TimedOut {
                host: host(),
                limit,
            },
            "fetch_timed_out",
            "op.example did not finish its response within 5s",
        ),
        (
            FetchError::TooLarge {
                host: host(),
                limit_bytes: 10,
            },
            "fetch_too_large",
            "the response of op.example is larger than 10 bytes",
        ),
        (
            FetchError::BrokenOff {
                host: host(),
                reason: reason(),
            },
            "fetch_broken_off",
            "the exchange with op.example was interrupted: why",
        ),
        (
            FetchError::InvalidHeader {
                name: HeaderName::from_static("x-a"),
            },
            "fetch_invalid_header",
            "the value of the header x-a can't be sent",
        ),
    ];
    for (error, code, message) in &rows {
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            (*code, *message)
        );
    }
    let names: BTreeSet<_> = rows.iter().map(|(_, code, _)| code).collect();
    assert_eq!(names.len(), rows.len(), "one name each");
}

/// RFC 6890's registries, in the words of a message.
#[test]
fn every_class_of_address_reads_as_a_noun() {
    for (class, noun) in [
        (AddressClass::Unspecified, "unspecified"),
        (AddressClass::Loopback, "loopback"),
        (AddressClass::Private, "private"),
        (AddressClass::SharedAddressSpace, "shared address space"),
        (AddressClass::LinkLocal, "link-local"),
        (AddressClass::Multicast, "multicast"),
        (AddressClass::Broadcast, "broadcast"),
        (AddressClass::Documentation, "documentation"),
        (AddressClass::Benchmarking, "benchmarking"),
        (AddressClass::Tunnel, "tunnel"),
        (AddressClass::Reserved, "reserved"),
    ] {
        assert_eq!(class.to_string(), noun);
    }
}

#[tokio::test]
async fn debug_output_shows_neither_bodies_nor_certificates() {
    let (port, _) = listen(Reply::ok("canary-of-the-body")).await;
    let fetcher = fetcher(Policy {
        user_agent: "a-test".to_owned(),
        ..loopback_policy()
    });
    let response = fetcher
        .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
        .await
        .expect("there is a response");
    assert_eq!(format!("{response:?}"), "Response(200 OK, 18 bytes)");
    let shown = format!("{fetcher:?}");
    assert!(
        shown.starts_with("Fetcher { policy: Policy { connect_timeout: 2s, total_timeout: 5s"),
        "{shown}"
    );
    assert!(shown.contains("\"a-test\""), "{shown}");
    let policy = Policy {
        extra_ca_pem: Some(b"canary-of-the-certificate".to_vec()),
        ..Policy::default()
    };
    let shown = format!("{policy:?}");
    assert!(shown.contains("extra_ca_pem: true"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

/// A resolver that never replies.
struct Silent;

impl Resolver for Silent {
    fn resolve(&self, _host: &str) -> Resolution {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_name_that_is_never_resolved_ends_with_the_connect_timeout() {
    let limit = Duration::from_millis(200);
    let policy = Policy {
        connect_timeout: limit,
        resolver: std::sync::Arc::new(Silent),
        ..Policy::default()
    };
    let error = fetcher(policy)
        .send(Request::get(url("https://op.example/")))
        .await
        .expect_err("there is no reply");
    let host = host();
    assert_eq!(error, FetchError::ConnectTimedOut { host, limit });
}
