//! The networks that an address is counted by. Who holds one address of IPv6 holds at least the
//! 18 quintillion others of its /64, often those of a /56 or a /48; who holds one of IPv4 may hold
//! its neighbours.

use std::net::IpAddr;

use countersign_store::throttle::Limit;

/// A network that an address is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The address with the bits behind the prefix cleared: 4 or 16 bytes.
    address: Vec<u8>,
    prefix_bits: u8,
    /// How many times the allowance of the narrowest network this one has.
    factor: u32,
}

const IPV4: [(u8, u32); 2] = [(32, 1), (24, 4)];
const IPV6: [(u8, u32); 3] = [(64, 1), (56, 2), (48, 4)];

impl Network {
    /// The networks of an address, the narrowest first. An IPv4 address in IPv6's form is that
    /// IPv4 address (RFC 4291, section 2.5.5.2).
    pub fn all_of(peer: IpAddr) -> Vec<Network> {
        match peer.to_canonical() {
            IpAddr::V4(address) => IPV4.map(|row| Network::of(&address.octets(), row)).into(),
            IpAddr::V6(address) => IPV6.map(|row| Network::of(&address.octets(), row)).into(),
        }
    }

    fn of(octets: &[u8], (prefix_bits, factor): (u8, u32)) -> Network {
        let kept = usize::from(prefix_bits / 8); // every prefix above ends with a byte
        let cleared = |(number, octet): (usize, &u8)| if number < kept { *octet } else { 0 };
        Network {
            address: octets.iter().enumerate().map(cleared).collect(),
            prefix_bits,
            factor,
        }
    }

    /// As one value of a counter's key.
    pub fn key(&self) -> Vec<u8> {
        let mut key = self.address.clone();
        key.push(self.prefix_bits);
        key
    }

    /// What this network is allowed, where the narrowest is allowed `limit`.
    pub fn allowance(&self, limit: Limit) -> Limit {
        Limit {
            attempts: limit.attempts.saturating_mul(self.factor),
            ..limit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Vec<(String, u32)> {
        let all = Network::all_of(address.parse().expect("an address"));
        let text = |network: &Network| {
            let address: IpAddr = match <[u8; 4]>::try_from(network.address.as_slice()) {
                Ok(octets) => octets.into(),
                Err(_) => <[u8; 16]>::try_from(network.address.as_slice())
                    .expect("4 or 16 bytes")
                    .into(),
            };
            (format!("{address}/{}", network.prefix_bits), network.factor)
        };
        all.iter().map(text).collect()
    }

    #[test]
    fn ipv4_is_counted_by_address_and_24() {
        let expected = [("203.0.113.7/32", 1), ("203.0.113.0/24", 4)];
        let expected = expected.map(|(network, factor)| (network.to_owned(), factor));
        assert_eq!(networks("203.0.113.7"), expected);
        assert_eq!(networks("::ffff:203.0.113.7"), expected);
    }

    #[test]
    fn ipv6_is_counted_by_64_and_56_and_48_with_rising_limits() {
        let expected = [
            ("2001:db8:1:2345::/64", 1),
            ("2001:db8:1:2300::/56", 2),
            ("2001:db8:1::/48", 4),
        ];
        let expected = expected.map(|(network, factor)| (network.to_owned(), factor));
        assert_eq!(networks("2001:db8:1:2345:6789::1"), expected);
    }

    #[test]
    fn addresses_are_of_one_network_if_a_24_or_a_48_holds_both() {
        for (one, other, expected) in [
            ("203.0.113.7", "203.0.113.200", true),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("203.0.113.7", "203.0.114.7", false),
            ("2001:db8:1:2::3", "2001:db8:1:ffff::1", true),
            ("2001:db8:1::", "2001:db8:2::", false),
            ("203.0.113.7", "2001:db8::", false),
        ] {
            let parse = |address: &str| address.parse::<IpAddr>().expect("an address");
            let same = super::super::is_same_network(parse(one), parse(other));
            assert_eq!(same, expected, "{one} and {other}");
        }
    }

    #[test]
    fn networks_of_different_sizes_have_different_keys() {
        let all = Network::all_of("2001:db8::".parse().expect("an address"));
        let mut keys: Vec<_> = all.iter().map(Network::key).collect();
        keys.dedup();
        assert_eq!(keys.len(), 3);
    }
}
