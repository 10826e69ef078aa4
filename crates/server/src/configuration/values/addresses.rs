//! Addresses to listen on.

use std::fmt;
use std::str::FromStr;

use countersign_settings::{Kind, Setting, written_as_text};

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
            // If only a port was given, the example contains it.
            let port = text.trim_start_matches(':').parse().unwrap_or(8080_u16);
            return Err(format!(
                "must be an address and a port: \"127.0.0.1:{port}\" for this machine only, \"[::]:{port}\" for every machine that can reach it."
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

impl Setting for ListenAddress {
    const KIND: Kind = Kind::Text;
}

written_as_text!(ListenAddress);

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
}
