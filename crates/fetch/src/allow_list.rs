//! The hosts and networks that a fetcher may reach although they aren't public: loopback in
//! development, a company's own network, the host of a test suite.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Exceptions to "public addresses only". Empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<Entry>,
}

impl AllowList {
    /// The machine itself: `localhost`, `127.0.0.0/8` and `::1`.
    #[must_use]
    pub fn loopback() -> Self {
        Self {
            entries: vec![
                Entry::Host("localhost".to_owned()),
                Entry::Network {
                    address: IpAddr::from([127, 0, 0, 0]),
                    bits: 8,
                },
                Entry::Network {
                    address: IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                    bits: 128,
                },
            ],
        }
    }

    /// The entries of both lists.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// Reads entries, each a host name (`jwks.internal`), an address (`10.1.2.3`) or a network
    /// (`10.0.0.0/8`). A host name admits every address that it resolves to.
    ///
    /// # Errors
    /// Returns an [`AllowListFault`] for the first entry that is none of these.
    pub fn parse<T: AsRef<str>>(
        entries: impl IntoIterator<Item = T>,
    ) -> Result<Self, AllowListFault> {
        let entries = entries
            .into_iter()
            .map(|entry| entry.as_ref().parse())
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Whether a host is named; compared without case and without a dot at its end.
    #[must_use]
    pub fn names_host(&self, host: &str) -> bool {
        let host = normal_host(host);
        self.entries
            .iter()
            .any(|entry| matches!(entry, Entry::Host(named) if *named == host))
    }

    /// Whether an address is in a network of the list. An IPv4-mapped one counts as the IPv4
    /// address.
    #[must_use]
    pub fn names_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.entries.iter().any(|entry| entry.contains(address))
    }
}

/// Lower case, without the dot that marks a name as complete.
pub(crate) fn normal_host(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// An entry that is not a host name, address or network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is not a host name, an IP address or a network such as 10.0.0.0/8")]
pub struct AllowListFault {
    pub entry: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Host(String),
    Network { address: IpAddr, bits: u8 },
}

impl Entry {
    fn contains(&self, candidate: IpAddr) -> bool {
        match (self, candidate) {
            (
                Self::Network {
                    address: IpAddr::V4(network),
                    bits,
                },
                IpAddr::V4(candidate),
            ) => {
                let differing = network.to_bits() ^ candidate.to_bits();
                differing.leading_zeros() >= u32::from(*bits)
            }
            (
                Self::Network {
                    address: IpAddr::V6(network),
                    bits,
                },
                IpAddr::V6(candidate),
            ) => {
                let differing = network.to_bits() ^ candidate.to_bits();
                differing.leading_zeros() >= u32::from(*bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Entry {
    type Err = AllowListFault;

    fn from_str(text: &str) -> Result<Self, AllowListFault> {
        let fault = || AllowListFault {
            entry: text.to_owned(),
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let width = if address.is_ipv4() { 32 } else { 128 };
            let bits = match bits {
                Some(bits) => bits
                    .parse()
                    .ok()
                    .filter(|bits| *bits <= width)
                    .ok_or_else(fault)?,
                None => width,
            };
            return Ok(Self::Network { address, bits });
        }
        let host = normal_host(text);
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        // A name whose last label is a number would be read as an IPv4 address (WHATWG URL, section
        // 3.5).
        let numeric = host
            .rsplit('.')
            .next()
            .is_some_and(|label| label.starts_with(|c: char| c.is_ascii_digit()));
        if !numeric && host.split('.').all(is_label) {
            Ok(Self::Host(host))
        } else {
            Err(fault())
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => formatter.write_str(host),
            Self::Network { address, bits } => write!(formatter, "{address}/{bits}"),
        }
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, entry) in self.entries.iter().enumerate() {
            write!(formatter, "{}{entry}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
