//! The provider's own issuer.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use countersign_oauth::issuer::{Issuer, IssuerFault};

use countersign_settings::{Kind, Setting, written_as_text};

/// An issuer that our provider may have: a valid one without a trailing slash. Other providers may
/// have a trailing slash, but here it was most likely copied from an address bar, and every token
/// would carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderIssuer(Issuer);

impl FromStr for ProviderIssuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let issuer = Issuer::parse(text).map_err(|fault| format!("{fault}. {}", remedy(&fault)))?;
        if let Some(without) = text.strip_suffix('/') {
            return Err(format!(
                "the issuer ends with a slash. Write it without the slash: \"{}\".",
                without.trim_end_matches('/')
            ));
        }
        match fault_of_path(issuer.path_prefix()) {
            None => Ok(Self(issuer)),
            Some(fault) => Err(fault),
        }
    }
}

/// What the server's own addresses take for themselves at the root, whatever the issuer's path.
const RESERVED: [&str; 3] = [".well-known", "healthz", "readyz"];

/// Why the server can't serve below that path. A colon or an asterisk would start a pattern in the
/// router.
fn fault_of_path(path: &str) -> Option<String> {
    let mut segments = path.split('/').skip(1);
    let first = segments.clone().next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return Some(format!(
            "the issuer's path begins with {first:?}, which the server reserves for itself. Choose another path."
        ));
    }
    // RFC 3986, section 2.3: the unreserved characters. A percent sign is none: `/%61` and `/a` are
    // one address for a proxy or a client that decodes, and two for one that compares.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let odd = segments.find(|segment| segment.is_empty() || !segment.chars().all(is_plain))?;
    Some(format!(
        "the issuer's path contains the segment {odd:?}. A segment may contain only letters, digits, -, ., _ and ~; write it without percent-encoding."
    ))
}

fn remedy(fault: &IssuerFault) -> &'static str {
    match fault {
        IssuerFault::NotAUrl => "Include the scheme: https://id.example.com.",
        IssuerFault::HttpOutsideLoopback => {
            "Use https, which a reverse proxy can add, or a loopback address for trials."
        }
        IssuerFault::Scheme => "Use https.",
        IssuerFault::Query | IssuerFault::Fragment | IssuerFault::Userinfo => "Remove it.",
        IssuerFault::NotInNormalForm { normal } if normal.contains('%') => {
            "Choose a path of letters, digits, -, ., _ and ~, which needs no percent-encoding."
        }
        IssuerFault::NotInNormalForm { .. } => {
            "Write it in that form: issuers are compared byte by byte."
        }
    }
}

impl Deref for ProviderIssuer {
    type Target = Issuer;

    fn deref(&self) -> &Issuer {
        &self.0
    }
}

impl fmt::Display for ProviderIssuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Setting for ProviderIssuer {
    const KIND: Kind = Kind::Text;
}

written_as_text!(ProviderIssuer);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_says_what_to_write() {
        for (text, message) in [
            ("id.example.com", "Include the scheme"),
            ("ftp://id.example.com", "Use https."),
            ("http://id.example.com", "which a reverse proxy can add"),
            ("https://id.example.com?a", "has a query. Remove it."),
            ("https://id.example.com#a", "has a fragment. Remove it."),
            ("https://a@id.example.com", "Remove it."),
            (
                "HTTPS://ID.example.com",
                "which is https://id.example.com/. Write it in that form",
            ),
            ("https://id.example.com/", "\"https://id.example.com\"."),
            (
                "https://id.example.com/tenant//",
                "\"https://id.example.com/tenant\".",
            ),
            ("http://localhost:8080/", "\"http://localhost:8080\"."),
            (
                "https://id.example.com/:tenant",
                "contains the segment \":tenant\".",
            ),
            (
                "https://id.example.com/a/*rest",
                "contains the segment \"*rest\".",
            ),
            ("https://id.example.com/a//b", "contains the segment \"\"."),
            (
                "https://id.example.com/a;b",
                "contains the segment \"a;b\".",
            ),
            (
                "https://id.example.com/%61",
                "contains the segment \"%61\".",
            ),
            (
                "https://id.example.com/a/%7Bb%7D",
                "contains the segment \"%7Bb%7D\".",
            ),
            (
                "https://id.example.com/a%2Fb",
                "contains the segment \"a%2Fb\".",
            ),
            ("https://id.example.com/%C3%A9", "without percent-encoding"),
            ("https://id.example.com/é", "Choose a path of letters"),
            ("https://id.example.com/healthz", "begins with \"healthz\""),
            (
                "https://id.example.com/.well-known/a",
                "begins with \".well-known\"",
            ),
        ] {
            let said = text.parse::<ProviderIssuer>().unwrap_err();
            assert!(said.contains(message), "{text}: {said}");
        }
        for text in [
            "https://id.example.com",
            "http://[::1]:8080/a",
            "https://id.example.com/a/b-c_d.e~f",
            "https://id.example.com/a/healthz",
        ] {
            assert_eq!(text.parse::<ProviderIssuer>().unwrap().as_str(), text);
        }
    }
}
