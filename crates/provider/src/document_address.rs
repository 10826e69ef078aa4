//! Addresses and hosts of documents, as settings.

use std::fmt;
use std::str::FromStr;

use countersign_oauth::client_id_url::ClientIdUrl;
use countersign_settings::{Kind, Setting, written_as_text};

/// The exact address of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAddress(ClientIdUrl);

impl DocumentAddress {
    /// The address as it is written and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for DocumentAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ClientIdUrl::parse(text)
            .map(Self)
            .map_err(|fault| format!("{text:?} can't be the address of a document: {fault}."))
    }
}

impl fmt::Display for DocumentAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Setting for DocumentAddress {
    const KIND: Kind = Kind::Text;
}

written_as_text!(DocumentAddress);

/// A host, or every host below one (`*.example.com`), ignoring case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    name: String,
    below: bool,
}

impl HostPattern {
    /// Whether it matches this host, which is in its ASCII form.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        match self.below {
            false => host == self.name,
            true => host
                .strip_suffix(self.name.as_str())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        }
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        // The document's host is compared in the form in which a URL has it.
        let url = url::Url::parse(&format!("https://{name}/")).ok();
        let host = url.as_ref().and_then(url::Url::host_str);
        match host {
            Some(host) if host.eq_ignore_ascii_case(name) && !name.contains('*') => {
                Ok(HostPattern {
                    name: host.to_owned(),
                    below,
                })
            }
            _ => Err(format!(
                "{text:?} is neither a host in its ASCII form, such as claude.ai, nor *. and one."
            )),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.below { "*." } else { "" };
        write!(formatter, "{star}{}", self.name)
    }
}

impl Setting for HostPattern {
    const KIND: Kind = Kind::Text;
}

written_as_text!(HostPattern);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_host_or_all_below_it() {
        for (pattern, host, expected) in [
            ("claude.ai", "claude.ai", true),
            ("Claude.AI", "claude.ai", true),
            ("claude.ai", "claude.ai.", true),
            ("claude.ai", "evil-claude.ai", false),
            ("claude.ai", "www.claude.ai", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "evilexample.com", false),
        ] {
            let parsed: HostPattern = pattern.parse().expect("a pattern");
            assert_eq!(parsed.matches(host), expected, "{pattern} {host}");
        }
        for text in [
            "",
            "*",
            "*.",
            "a b",
            "https://a.example",
            "a.example/x",
            "a.example:8443",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text:?}");
        }
    }
}
