//! Attack case 44: names that lead inside.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use countersign_fetch::address::AddressClass;
use countersign_fetch::resolver::{Resolution, Resolver};
use countersign_fetch::{AllowList, FetchError, Policy, Request};

use crate::listener::{Reply, fetcher, listen, loopback_policy, url};

/// Returns the next list for each lookup, and the last one from then on.
struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

impl Scripted {
    fn new(lookups: &[&[&str]]) -> Arc<Self> {
        let parse = |lookup: &&[&str]| {
            lookup
                .iter()
                .map(|address| address.parse().expect("an address"))
                .collect()
        };
        Arc::new(Self(Mutex::new(lookups.iter().map(parse).collect())))
    }
}

impl Resolver for Scripted {
    fn resolve(&self, _host: &str) -> Resolution {
        let mut lookups = self.0.lock().expect("no test panicked with it");
        let lookup = if lookups.len() > 1 {
            lookups.pop_front()
        } else {
            lookups.front().cloned()
        };
        Box::pin(std::future::ready(Ok(lookup.unwrap_or_default())))
    }
}

#[tokio::test]
async fn attack_44_a_name_that_resolves_to_loopback_is_refused() {
    for (address, class) in [
        ("127.0.0.1", AddressClass::Loopback),
        ("::1", AddressClass::Loopback),
        ("::ffff:127.0.0.1", AddressClass::Loopback),
        ("169.254.169.254", AddressClass::LinkLocal),
        ("64:ff9b::a00:1", AddressClass::Private),
    ] {
        let policy = Policy {
            resolver: Scripted::new(&[&[address]]),
            ..Policy::default()
        };
        let error = fetcher(policy)
            .send(Request::get(url("https://evil.example/")))
            .await
            .expect_err(address);
        assert_eq!(
            error,
            FetchError::RefusedAddress {
                host: "evil.example".to_owned(),
                address: address.parse().expect("an address"),
                class
            }
        );
    }
}

#[tokio::test]
async fn attack_44_a_name_that_rebinds_after_its_first_lookup_reaches_nothing() {
    let (port, seen) = listen(Reply::ok("{}")).await;
    // Nothing listens at the first address (it is this machine's, listed), the second one is not
    // listed.
    let allow = AllowList::parse(["127.0.0.2"]).expect("it is valid");
    let resolver = Scripted::new(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let fetcher = fetcher(Policy {
        allow,
        resolver,
        ..Policy::default()
    });
    let target = url(&format!("https://evil.example:{port}/"));
    let first = fetcher
        .send(Request::get(target.clone()))
        .await
        .expect_err("nothing listens");
    assert_eq!(first.code(), "fetch_connect_failed");
    let second = fetcher
        .send(Request::get(target))
        .await
        .expect_err("it is not listed");
    assert_eq!(second.code(), "fetch_refused_address");
    assert_eq!(seen.connections(), 0);
}

#[tokio::test]
async fn attack_44_of_several_addresses_only_the_reachable_ones_are_tried() {
    let (port, seen) = listen(Reply::ok("{}")).await;
    let allow = AllowList::parse(["127.0.0.2"]).expect("it is valid");
    let resolver = Scripted::new(&[&["127.0.0.1", "127.0.0.2"]]);
    let fetcher = fetcher(Policy {
        allow,
        resolver,
        ..Policy::default()
    });
    let error = fetcher
        .send(Request::get(url(&format!("https://evil.example:{port}/"))))
        .await
        .expect_err("nothing listens at 127.0.0.2");
    assert_eq!(error.code(), "fetch_connect_failed");
    assert_eq!(seen.connections(), 0);
}

#[tokio::test]
async fn a_listed_name_may_be_anywhere_but_localhost_only_on_this_machine() {
    let (port, _) = listen(Reply::ok("{}")).await;
    let policy = Policy {
        resolver: Scripted::new(&[&["127.0.0.1"]]),
        ..loopback_policy()
    };
    let target = url(&format!("http://demo.localhost:{port}/"));
    assert!(fetcher(policy).send(Request::get(target)).await.is_ok());

    let policy = Policy {
        resolver: Scripted::new(&[&["8.8.8.8"]]),
        ..loopback_policy()
    };
    let target = url(&format!("http://localhost:{port}/"));
    let error = fetcher(policy)
        .send(Request::get(target))
        .await
        .expect_err("it left the machine");
    assert_eq!(error.code(), "fetch_refused_address");
}

#[tokio::test]
async fn a_name_without_an_address_is_said_to_be_unresolved() {
    let policy = Policy {
        resolver: Scripted::new(&[&[]]),
        ..Policy::default()
    };
    let error = fetcher(policy)
        .send(Request::get(url("https://gone.example/")))
        .await;
    assert_eq!(
        error.expect_err("it is gone").code(),
        "fetch_name_not_resolved"
    );
}
