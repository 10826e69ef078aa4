//! The networks of trusted proxies.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use countersign_settings::{Kind, Setting, written_as_text};

/// An address, or a network such as `10.0.0.0/8`; never all addresses there are.
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
            Some(Network { prefix_bits: 0, .. }) => Err(format!(
                "{text} contains every address, so anyone could claim any client address. Write the reverse proxy's own address or network, such as 127.0.0.1 or 10.0.0.0/8."
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
            ("0.0.0.0/1", "9.9.9.9", true),
            ("0.0.0.0/1", "::9", false),
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
    fn all_addresses_are_no_network_of_a_proxy() {
        for all in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "::1/0"] {
            let message = all.parse::<Network>().unwrap_err();
            assert!(message.starts_with(all), "{message}");
            assert!(message.contains("such as 127.0.0.1"), "{message}");
        }
    }
}
