//! The networks of trusted proxies.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use countersign_settings::{Kind, Setting, written_as_text};

/// An address, or a network such as `10.0.0.0/8`; never a large part of all addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Whether that address is one of the network's.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
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

    /// The shortest prefix of a network that may be one organisation's: 10.0.0.0/8 is the largest
    /// private network of IPv4 (RFC 1918, section 3), fc00::/7 that of IPv6 (RFC 4193, section
    /// 3.1), and fe80::/10 is the link itself (RFC 4291, section 2.4).
    fn least_prefix_bits(self) -> u8 {
        match self.address {
            IpAddr::V4(_) => 8,
            IpAddr::V6(address) => match address.segments()[0] {
                0xfc00..=0xfdff => 7,
                0xfe80..=0xfebf => 10,
                _ => 16,
            },
        }
    }
}

/// Reads an address and, in CIDR notation, the length of the network's prefix.
fn read(text: &str) -> Option<Network> {
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let max_bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix_bits = prefix.map_or(Some(max_bits), |prefix| prefix.parse().ok())?;
    (prefix_bits <= max_bits).then_some(Network {
        address,
        prefix_bits,
    })
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match read(text) {
            None => Err(format!(
                "{text} is neither an address nor a network such as 10.0.0.0/8."
            )),
            // A client that is trusted without a proxy in between chooses the address that its own
            // attempts count against.
            Some(network) if network.prefix_bits < network.least_prefix_bits() => Err(format!(
                "{text} is too large a part of all addresses: every client in it could claim any address for its failed sign-ins. Write the reverse proxy's own address or network, such as 127.0.0.1 or 10.0.0.0/8; a prefix is /{} or longer.",
                network.least_prefix_bits()
            )),
            Some(network) => Ok(network),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix_bits)
    }
}

impl Setting for Network {
    const KIND: Kind = Kind::Text;
}

written_as_text!(Network);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_in_cidr_notation() {
        for (network, address, is_inside) in [
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::9", false),
            ("2001::/16", "2001:ffff::1", true),
            ("192.0.2.0/25", "192.0.2.128", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
        ] {
            let read: Network = network.parse().unwrap();
            let address = address.parse().unwrap();
            assert_eq!(read.contains(address), is_inside, "{network} {address}");
        }
        for bad in ["", "10.0.0.0/33", "example.com", "10.0.0.0/-1", "::/129"] {
            let message = bad.parse::<Network>().unwrap_err();
            assert!(message.contains("is neither an address"), "{message}");
        }
    }

    #[test]
    fn a_large_part_of_all_addresses_is_no_network_of_a_proxy() {
        for (network, told) in [
            ("0.0.0.0/0", "/8"),
            ("10.0.0.0/0", "/8"),
            ("0.0.0.0/1", "/8"),
            ("128.0.0.0/1", "/8"),
            ("10.0.0.0/7", "/8"),
            ("::/0", "/16"),
            ("::1/0", "/16"),
            ("::/1", "/16"),
            ("8000::/1", "/16"),
            ("2000::/3", "/16"),
            ("2001:db8::/15", "/16"),
        ] {
            let message = network.parse::<Network>().unwrap_err();
            assert!(message.starts_with(&format!("{network} ")), "{message}");
            assert!(message.contains(&format!("{told} or longer")), "{message}");
            assert!(message.contains("such as 127.0.0.1"), "{message}");
        }
        for network in [
            "10.0.0.0/8",
            "2001::/16",
            "fc00::/7",
            "fd00::/8",
            "fe80::/10",
            "0.0.0.0",
            "::",
        ] {
            assert!(network.parse::<Network>().is_ok(), "{network}");
        }
    }
}
