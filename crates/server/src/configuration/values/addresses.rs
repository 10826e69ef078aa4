//! Addresses to listen on, and host names to answer to.

use std::fmt;
use std::str::FromStr;

use super::written_as_text;
use crate::configuration::settings::{Kind, Setting};

/// An address or a host name, and a port: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    host: String,
    port: u16,
}

impl ListenAddress {
    /// A port of this machine that no other machine reaches.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
        }
    }

    /// The address or host name, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        let inner = self.host.strip_prefix('[');
        inner
            .and_then(|inner| inner.strip_suffix(']'))
            .unwrap_or(&self.host)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = text.rsplit_once(':').and_then(|(host, port)| {
            let port = port.parse().ok()?;
            (!host.is_empty()).then(|| (host.to_owned(), port))
        });
        let Some((host, port)) = read else {
            // Whoever wrote a port alone finds it in the example.
            let port = text.trim_start_matches(':').parse().unwrap_or(8080_u16);
            return Err(format!(
                "must be an address and a port: \"127.0.0.1:{port}\" for this machine alone, \"[::]:{port}\" for all that reach it."
            ));
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

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

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Setting for ListenAddress {
    const KIND: Kind = Kind::Text;
}

impl Setting for HostName {
    const KIND: Kind = Kind::Text;
}

written_as_text!(ListenAddress, HostName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_listen_on_has_a_port() {
        for text in ["127.0.0.1:8080", "[::1]:0", "localhost:65535", "0.0.0.0:80"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
        for (text, example) in [
            ("9470", "127.0.0.1:9470"),
            (":9470", "127.0.0.1:9470"),
            ("localhost", "127.0.0.1:8080"),
            ("localhost:http", "127.0.0.1:8080"),
            ("127.0.0.1:70000", "127.0.0.1:8080"),
        ] {
            let message = text.parse::<ListenAddress>().unwrap_err();
            assert!(message.contains(example), "{text}: {message}");
        }
    }

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
