//! Whose request it is: the peer, or whom a trusted proxy names in `X-Forwarded-For`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Reads an address or a network in CIDR notation.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
        (prefix_bits <= most).then_some(Self {
            address,
            prefix_bits,
        })
    }

    fn contains(self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
            IpAddr::V6(address) => address.to_bits(),
        };
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.prefix_bits))
            .unwrap_or(0);
        self.address.is_ipv4() == address.is_ipv4()
            && bits(self.address) & mask == bits(address) & mask
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            format!("{text} is neither an address nor a network such as 10.0.0.0/8.")
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix_bits)
    }
}

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
        let trusted = [
            Network::parse("10.0.0.0/8").unwrap(),
            Network::parse("::1").unwrap(),
        ];
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

    #[test]
    fn networks_are_read_in_cidr_notation() {
        assert!(
            Network::parse("2001:db8::/32")
                .unwrap()
                .contains("2001:db8:1::1".parse().unwrap())
        );
        assert!(
            Network::parse("0.0.0.0/0")
                .unwrap()
                .contains("9.9.9.9".parse().unwrap())
        );
        assert!(
            !Network::parse("192.0.2.0/25")
                .unwrap()
                .contains("192.0.2.128".parse().unwrap())
        );
        for bad in ["", "10.0.0.0/33", "example.com", "10.0.0.0/-1", "::/129"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
