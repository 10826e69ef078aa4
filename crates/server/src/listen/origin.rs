//! Where a connection comes from, as far as that says who pays when places run out.

use std::net::IpAddr;

use super::client_address::Peers;

/// An IPv4 address, or the /64 of an IPv6 one: a client that has one address of it has all of them
/// (RFC 4291, section 2.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Origin(IpAddr);

impl Origin {
    /// The origin of a peer. A trusted proxy has none: its connections are those of many.
    pub(super) fn of(peer: IpAddr, peers: &Peers) -> Option<Self> {
        if peers.is_trusted(peer) {
            return None;
        }
        Some(Self(match peer.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
            address @ IpAddr::V4(_) => address,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str) -> Option<Origin> {
        let peers = Peers::ClientsAnd(vec!["10.0.0.0/8".parse().unwrap()]);
        Origin::of(peer.parse().unwrap(), &peers)
    }

    #[test]
    fn an_ipv6_network_is_one_origin_and_a_trusted_proxy_is_none() {
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:0:0:2"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert_eq!(origin("10.1.2.3"), None);
        assert_eq!(origin("::ffff:10.1.2.3"), None);
    }
}
