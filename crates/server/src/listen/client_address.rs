//! Whose request it is: the peer's, or that of whom a trusted proxy names in `X-Forwarded-For`.
//!
//! If that is not known, no address is better than a shared one: limits that count by address would
//! otherwise let one visitor use up what belongs to all who come through the same proxy.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use countersign_oauth::issuer::Issuer;
use http::{HeaderMap, HeaderName};

use crate::configuration::Network;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers in which a proxy may name its client. Only the first is ever believed: a proxy that sets
/// one of them passes the others on as the client sent them.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// Who is at the other end of the listener's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peers {
    /// Clients, and these proxies, whose `X-Forwarded-For` is believed.
    ClientsAnd(Vec<Network>),
    /// Proxies that no setting names: an https issuer whose listener has no TLS has one in front.
    UnnamedProxies,
}

impl Peers {
    /// The peers of a server with that issuer and those trusted proxies.
    #[must_use]
    pub fn of(issuer: Option<&Issuer>, trusted: &[Network], has_tls: bool) -> Self {
        let is_public = issuer.is_some_and(|issuer| issuer.is_https() && !issuer.is_loopback());
        match is_public && !has_tls && trusted.is_empty() {
            true => Self::UnnamedProxies,
            false => Self::ClientsAnd(trusted.to_vec()),
        }
    }

    /// Whether that address is a trusted proxy's.
    pub(super) fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        matches!(self, Self::ClientsAnd(trusted) if trusted.iter().any(|network| network.contains(address)))
    }

    /// The client's address: from the peer leftwards, each trusted proxy vouches for its neighbour.
    /// `None` if a proxy's client is not known.
    #[must_use]
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<SocketAddr> {
        if *self == Self::UnnamedProxies {
            return None;
        }
        if !self.is_trusted(peer.ip()) {
            return Some(peer);
        }
        let values = headers.get_all(FORWARDED_FOR).iter().rev();
        // A value that is not text hides whom it names, so nothing left of it counts.
        let hops = values.flat_map(|value| value.to_str().unwrap_or("").rsplit(','));
        for hop in hops {
            let address = node_address(hop)?;
            if !self.is_trusted(address) {
                return Some(SocketAddr::new(address, peer.port()));
            }
        }
        None
    }

    /// The header with which an untrusted peer names another client.
    pub(super) fn ignored_header(&self, peer: IpAddr, headers: &HeaderMap) -> Option<&'static str> {
        if self.is_trusted(peer) {
            return None;
        }
        FORWARDED
            .into_iter()
            .find(|name| headers.contains_key(*name))
    }
}

/// The address of a node as RFC 7239, section 6 writes it, and as proxies write it in
/// `X-Forwarded-For`: with or without port, quotes and brackets. `unknown` and obfuscated
/// identifiers (`_hidden`) have none.
fn node_address(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let unquoted = node
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let node = unquoted.unwrap_or(node).trim();
    let address = if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        (port.is_empty() || port.starts_with(':')).then(|| ipv6(address))??
    } else if let Some((address, _port)) = node.split_once(':').filter(|_| !is_ipv6(node)) {
        IpAddr::V4(address.parse().ok()?)
    } else {
        node.parse().ok().or_else(|| ipv6(node))?
    };
    Some(address.to_canonical())
}

fn is_ipv6(node: &str) -> bool {
    node.bytes().filter(|byte| *byte == b':').count() > 1
}

/// An IPv6 address; its zone (RFC 4007, section 11) means nothing beyond the proxy.
fn ipv6(text: &str) -> Option<IpAddr> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        let trusted = ["10.0.0.0/8", "2001:db8:ffff::/48", "::1"];
        Peers::ClientsAnd(trusted.map(|network| network.parse().unwrap()).to_vec())
    }

    fn client(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let client = peers().client(peer.parse().unwrap(), &headers);
        client.map(|client| client.ip().to_string())
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        for (peer, forwarded, expected) in [
            ("203.0.113.9:1", &["198.51.100.1"][..], Some("203.0.113.9")),
            ("203.0.113.9:1", &[], Some("203.0.113.9")),
            ("10.1.2.3:1", &["198.51.100.1"], Some("198.51.100.1")),
            ("[::1]:1", &["198.51.100.1"], Some("198.51.100.1")),
            (
                "[::ffff:10.1.2.3]:1",
                &["198.51.100.1"],
                Some("198.51.100.1"),
            ),
            // What is left of the first address that is not a proxy's is the client's own word.
            (
                "10.1.2.3:1",
                &["192.0.2.66, 198.51.100.1, 10.9.9.9"],
                Some("198.51.100.1"),
            ),
            (
                "10.1.2.3:1",
                &["nonsense, 198.51.100.1"],
                Some("198.51.100.1"),
            ),
            // Several headers are one list (RFC 9110, section 5.3).
            (
                "10.1.2.3:1",
                &["192.0.2.66", "198.51.100.1,10.9.9.9", "10.1.1.1"],
                Some("198.51.100.1"),
            ),
            (
                "10.1.2.3:1",
                &["192.0.2.66", "2001:db8:ffff::7"],
                Some("192.0.2.66"),
            ),
        ] {
            assert_eq!(
                client(peer, forwarded).as_deref(),
                expected,
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn a_proxy_whose_client_is_not_known_stands_for_no_address() {
        for forwarded in [
            &[][..],
            &[""],
            &["unknown"],
            &["_hidden"],
            &["\"_SEVKISEK\""],
            &["nonsense"],
            &["198.51.100.1, unknown"],
            &["198.51.100.1, _hidden, 10.9.9.9"],
            &["198.51.100.1,"],
            &["198.51.100.1", "\u{e9}"],
            &["10.9.9.9"],
        ] {
            assert_eq!(client("10.1.2.3:1", forwarded), None, "{forwarded:?}");
        }
    }

    #[test]
    fn an_address_is_read_however_a_proxy_writes_it() {
        for (written, expected) in [
            ("198.51.100.1", "198.51.100.1"),
            ("198.51.100.1:4711", "198.51.100.1"),
            ("198.51.100.1:_port", "198.51.100.1"),
            ("\"198.51.100.1:4711\"", "198.51.100.1"),
            ("  198.51.100.1\t", "198.51.100.1"),
            ("2001:db8:5::1", "2001:db8:5::1"),
            ("[2001:db8:5::1]", "2001:db8:5::1"),
            ("[2001:db8:5::1]:4711", "2001:db8:5::1"),
            ("\"[2001:db8:5::1]:4711\"", "2001:db8:5::1"),
            ("\"[2001:DB8:5::1]\"", "2001:db8:5::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("[::ffff:198.51.100.1]:4711", "198.51.100.1"),
        ] {
            assert_eq!(
                client("[::1]:1", &[written]).as_deref(),
                Some(expected),
                "{written}"
            );
        }
        for unreadable in [
            "198.51.100",
            "198.51.100.1.2",
            "[2001:db8::1",
            "[2001:db8::1]4711",
            "[198.51.100.1]",
            "example.com:80",
            ":",
            "[]",
            "\"",
            "\"\"",
        ] {
            assert_eq!(node_address(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn proxies_that_no_setting_names_make_no_counter_shared() {
        let issuer = |text| Issuer::parse(text).unwrap();
        let public = issuer("https://id.example.com");
        let peers = Peers::of(Some(&public), &[], false);
        let mut headers = HeaderMap::new();
        let peer: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        assert_eq!(peers.client(peer, &headers), None);
        assert_eq!(peers.ignored_header(peer.ip(), &headers), None);
        headers.insert(FORWARDED_FOR, "198.51.100.1".parse().unwrap());
        assert_eq!(peers.client(peer, &headers), None);
        assert_eq!(
            peers.ignored_header(peer.ip(), &headers),
            Some("x-forwarded-for")
        );

        let named = Peers::of(Some(&public), &["127.0.0.1".parse().unwrap()], false);
        assert_eq!(
            named.client(peer, &headers),
            Some("198.51.100.1:4711".parse().unwrap())
        );
        assert_eq!(named.ignored_header(peer.ip(), &headers), None);

        // With TLS of its own there need be no proxy.
        let peers = Peers::of(Some(&public), &[], true);
        assert_eq!(peers.client(peer, &headers), Some(peer));

        for loopback in ["http://localhost:8080", "https://localhost:8443"] {
            let peers = Peers::of(Some(&issuer(loopback)), &[], false);
            assert_eq!(peers.client(peer, &headers), Some(peer), "{loopback}");
        }
    }

    #[test]
    fn each_header_that_names_a_client_is_noticed_from_an_untrusted_peer() {
        for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, "for=198.51.100.1".parse().unwrap());
            let ignored = |peer: &str| peers().ignored_header(peer.parse().unwrap(), &headers);
            assert_eq!(ignored("203.0.113.9"), Some(name));
            assert_eq!(ignored("10.1.2.3"), None);
        }
    }
}
