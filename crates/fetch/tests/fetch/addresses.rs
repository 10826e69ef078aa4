//! Attack case 44: addresses that only look public, and schemes that aren't HTTP.

use countersign_fetch::address::{AddressClass, refusal};
use countersign_fetch::{FetchError, Policy, Request};

use crate::listener::{fetcher, url};

/// Address, and its class in the IANA registries (RFC 6890); `None` is public.
const TABLE: &[(&str, Option<AddressClass>)] = &[
    ("0.0.0.0", Some(AddressClass::Unspecified)),
    ("0.255.255.255", Some(AddressClass::Unspecified)),
    ("1.0.0.0", None),
    ("9.255.255.255", None),
    ("10.0.0.0", Some(AddressClass::Private)),
    ("10.255.255.255", Some(AddressClass::Private)),
    ("11.0.0.0", None),
    ("100.63.255.255", None),
    ("100.64.0.0", Some(AddressClass::SharedAddressSpace)),
    ("100.127.255.255", Some(AddressClass::SharedAddressSpace)),
    ("100.128.0.0", None),
    ("126.255.255.255", None),
    ("127.0.0.1", Some(AddressClass::Loopback)),
    ("127.255.255.254", Some(AddressClass::Loopback)),
    ("128.0.0.0", None),
    ("169.253.255.255", None),
    ("169.254.169.254", Some(AddressClass::LinkLocal)),
    ("169.255.0.0", None),
    ("172.15.255.255", None),
    ("172.16.0.0", Some(AddressClass::Private)),
    ("172.31.255.255", Some(AddressClass::Private)),
    ("172.32.0.0", None),
    ("192.0.0.170", Some(AddressClass::Reserved)),
    ("192.0.1.0", None),
    ("192.0.2.1", Some(AddressClass::Documentation)),
    ("192.88.99.1", Some(AddressClass::Tunnel)),
    ("192.167.255.255", None),
    ("192.168.0.0", Some(AddressClass::Private)),
    ("192.168.255.255", Some(AddressClass::Private)),
    ("192.169.0.0", None),
    ("198.17.255.255", None),
    ("198.18.0.0", Some(AddressClass::Benchmarking)),
    ("198.19.255.255", Some(AddressClass::Benchmarking)),
    ("198.20.0.0", None),
    ("198.51.100.7", Some(AddressClass::Documentation)),
    ("203.0.113.7", Some(AddressClass::Documentation)),
    ("223.255.255.255", None),
    ("224.0.0.1", Some(AddressClass::Multicast)),
    ("239.255.255.255", Some(AddressClass::Multicast)),
    ("240.0.0.1", Some(AddressClass::Reserved)),
    ("255.255.255.255", Some(AddressClass::Broadcast)),
    ("::", Some(AddressClass::Unspecified)),
    ("::1", Some(AddressClass::Loopback)),
    ("::127.0.0.1", Some(AddressClass::Tunnel)),
    ("::8.8.8.8", Some(AddressClass::Tunnel)),
    ("::ffff:127.0.0.1", Some(AddressClass::Loopback)),
    ("::ffff:169.254.169.254", Some(AddressClass::LinkLocal)),
    ("::ffff:10.0.0.1", Some(AddressClass::Private)),
    ("::ffff:8.8.8.8", None),
    ("64:ff9b::127.0.0.1", Some(AddressClass::Loopback)),
    ("64:ff9b::a9fe:a9fe", Some(AddressClass::LinkLocal)),
    ("64:ff9b::8.8.8.8", None),
    ("64:ff9b:1::8.8.8.8", Some(AddressClass::Tunnel)),
    ("100::1", Some(AddressClass::Reserved)),
    ("2001::1", Some(AddressClass::Tunnel)),
    ("2001:1ff::1", Some(AddressClass::Tunnel)),
    ("2001:200::1", None),
    ("2001:db8::1", Some(AddressClass::Documentation)),
    ("2002:7f00:1::", Some(AddressClass::Tunnel)),
    ("2606:4700:4700::1111", None),
    ("3fff::1", Some(AddressClass::Documentation)),
    ("3fff:1000::1", None),
    ("4000::1", Some(AddressClass::Reserved)),
    ("5f00::1", Some(AddressClass::Reserved)),
    ("fc00::1", Some(AddressClass::Private)),
    ("fdff::1", Some(AddressClass::Private)),
    ("fe80::1", Some(AddressClass::LinkLocal)),
    ("fec0::1", Some(AddressClass::LinkLocal)),
    ("ff02::1", Some(AddressClass::Multicast)),
];

#[test]
fn attack_44_every_special_purpose_address_is_classed_as_the_registries_say() {
    for (address, expected) in TABLE {
        let parsed = address.parse().expect("an address");
        assert_eq!(refusal(parsed), *expected, "{address}");
    }
}

#[tokio::test]
async fn attack_44_an_address_literal_is_refused_in_every_spelling() {
    let fetcher = fetcher(Policy::default());
    for (text, class) in [
        ("https://127.0.0.1/", AddressClass::Loopback),
        ("https://127.1/", AddressClass::Loopback),
        ("https://2130706433/", AddressClass::Loopback),
        ("https://0x7f000001/", AddressClass::Loopback),
        ("https://0177.0.0.1/", AddressClass::Loopback),
        ("https://127.0.0.1./", AddressClass::Loopback),
        ("https://0/", AddressClass::Unspecified),
        (
            "https://169.254.169.254/latest/meta-data/",
            AddressClass::LinkLocal,
        ),
        ("https://2852039166/", AddressClass::LinkLocal),
        ("https://[::1]/", AddressClass::Loopback),
        ("https://[::]/", AddressClass::Unspecified),
        ("https://[::ffff:127.0.0.1]/", AddressClass::Loopback),
        ("https://[::ffff:7f00:1]/", AddressClass::Loopback),
        ("https://[64:ff9b::7f00:1]/", AddressClass::Loopback),
        ("https://[fd00::1]/", AddressClass::Private),
        ("https://10.0.0.1:8443/", AddressClass::Private),
        ("https://①②⑦.0.0.1/", AddressClass::Loopback),
    ] {
        let error = fetcher.send(Request::get(url(text))).await.expect_err(text);
        assert!(
            matches!(error, FetchError::RefusedAddress { class: found, .. } if found == class),
            "{text}: {error}"
        );
    }
}

#[tokio::test]
async fn attack_44_only_https_is_fetched() {
    let fetcher = fetcher(Policy::default());
    for text in [
        "gopher://op.example/",
        "file:///etc/passwd",
        "ftp://op.example/",
        "data:,x",
    ] {
        let error = fetcher.send(Request::get(url(text))).await.expect_err(text);
        assert!(
            matches!(error, FetchError::UnsupportedScheme { .. }),
            "{text}: {error}"
        );
    }
    for text in ["http://op.example/", "http://8.8.8.8/"] {
        let error = fetcher.send(Request::get(url(text))).await.expect_err(text);
        assert!(
            matches!(error, FetchError::HttpsRequired { .. }),
            "{text}: {error}"
        );
    }
    let error = fetcher
        .send(Request::get(url("https://a:b@op.example/")))
        .await;
    assert_eq!(
        error.map(drop),
        Err(FetchError::UserinfoInUrl {
            host: "op.example".to_owned()
        })
    );
}
