//! `X-Forwarded-For`: an address is believed only as far as trusted proxies vouch for it.

#![no_main]

use std::net::{IpAddr, SocketAddr};

use countersign::configuration::Network;
use countersign::listen::Peers;
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

fn trusted() -> Vec<Network> {
    ["10.0.0.0/8", "2001:db8:ffff::/48", "::1"]
        .map(|network| network.parse().expect("a network"))
        .to_vec()
}

fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(FORWARDED_FOR, value);
        }
    }
    let peers = Peers::ClientsAnd(trusted());
    let is_trusted = |address: IpAddr| trusted().iter().any(|network| network.contains(address));
    let at = |text: &str| -> SocketAddr { text.parse().expect("an address") };

    // A stranger names no one but itself.
    let stranger = at("203.0.113.7:1000");
    assert_eq!(peers.client(stranger, &headers), Some(stranger));
    let nameless = Peers::UnnamedProxies;
    assert_eq!(nameless.client(stranger, &headers), None);

    let proxy = at("10.0.0.1:1000");
    if let Some(client) = peers.client(proxy, &headers) {
        assert!(!is_trusted(client.ip()), "{client}");
        assert_eq!(client.ip(), client.ip().to_canonical());
    }
    // What the proxy itself adds is what counts, whatever the client sent before it.
    headers.append(FORWARDED_FOR, HeaderValue::from_static("198.51.100.1"));
    let seen = peers.client(proxy, &headers).map(|client| client.ip());
    assert_eq!(seen, Some("198.51.100.1".parse().expect("an address")));
});
