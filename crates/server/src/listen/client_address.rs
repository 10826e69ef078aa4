//! Whose request it is: the peer, or whom a trusted proxy names in `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::configuration::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The nearest address that no trusted proxy has: going from the peer to the left, each trusted one vouches for its neighbour.
pub(super) fn client_address(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted: &[Network],
) -> SocketAddr {
    let is_trusted = |address: IpAddr| is_trusted(address, trusted);
    if trusted.is_empty() || !is_trusted(peer.ip()) {
        return peer;
    }
    let hops: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut client = peer.ip();
    for hop in hops.iter().rev() {
        // Some proxies add the port.
        let parsed = hop
            .parse::<IpAddr>()
            .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()));
        let Ok(address) = parsed else { break };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    SocketAddr::new(client, peer.port())
}

/// Whether an address is a trusted proxy's.
pub(super) fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted
        .iter()
        .any(|network| network.contains(address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &str) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
        client_address(peer.parse().unwrap(), &headers, &trusted)
            .ip()
            .to_string()
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        assert_eq!(client("203.0.113.9:1", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client("10.1.2.3:1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            client("10.1.2.3:1", "192.0.2.66, 198.51.100.1, 10.9.9.9"),
            "198.51.100.1",
            "what stands left of it is the client's own word"
        );
        assert_eq!(client("[::1]:1", "198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(client("10.1.2.3:1", "nonsense"), "10.1.2.3");
        assert_eq!(
            client("[::ffff:10.1.2.3]:1", "198.51.100.1"),
            "198.51.100.1"
        );
    }
}
