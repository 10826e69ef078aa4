//! A host name that requests may be addressed to.

use std::fmt;
use std::str::FromStr;

use countersign_settings::{Kind, Setting, written_as_text};

/// A host name or address as in a `Host`, without port; an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = |_| {
            format!(
                "{text:?} is no host name. Write it without scheme, port and path: \"id.example.com\"."
            )
        };
        let host = url::Host::parse(text).map_err(refused)?;
        Ok(Self(host.to_string()))
    }
}

impl AsRef<str> for HostName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Setting for HostName {
    const KIND: Kind = Kind::Text;
}

written_as_text!(HostName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_has_neither_scheme_nor_port() {
        for (text, name) in [
            ("ID.Example.com", "id.example.com"),
            ("192.0.2.1", "192.0.2.1"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(text.parse::<HostName>().unwrap().as_str(), name);
        }
        for text in ["https://id.example.com", "id.example.com:443", "", "a b"] {
            assert!(text.parse::<HostName>().is_err(), "{text}");
        }
    }
}
