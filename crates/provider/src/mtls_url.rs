//! Where clients that have a certificate reach the endpoints, as a setting.

use std::fmt;
use std::str::FromStr;

use countersign_oauth::issuer::Issuer;
use countersign_settings::{Kind, Setting, written_as_text};

/// The https origin of a listener that asks for client certificates, such as
/// `https://mtls.id.example.com`. The issuer's path is added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MtlsUrl(Issuer);

impl MtlsUrl {
    /// The address of an endpoint of `issuer` there.
    #[must_use]
    pub fn endpoint(&self, issuer: &Issuer, path: &str) -> String {
        format!("{}{}{path}", self.0.origin(), issuer.path_prefix())
    }

    /// The host without its port, as a URL has it: an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host()
    }
}

impl FromStr for MtlsUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "Write the address as clients reach it, such as https://mtls.id.example.com.";
        match Issuer::parse(text) {
            Ok(origin) if !origin.is_https() => Err(format!("must be https. {example}")),
            Ok(origin) if !origin.path_prefix().is_empty() => Err(format!(
                "must have no path: the issuer's is added. {example}"
            )),
            Ok(origin) => Ok(Self(origin)),
            Err(_) => Err(format!(
                "must be an https address without query or user. {example}"
            )),
        }
    }
}

impl fmt::Display for MtlsUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

impl Setting for MtlsUrl {
    const KIND: Kind = Kind::Text;
}

written_as_text!(MtlsUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_https_origin() {
        for text in ["https://mtls.example", "https://mtls.example:8443/"] {
            assert!(text.parse::<MtlsUrl>().is_ok(), "{text}");
        }
        for (text, reason) in [
            ("http://localhost:8443", "https"),
            ("https://mtls.example/path", "no path"),
            ("https://mtls.example?x", "without query"),
            ("mtls.example", "https address"),
        ] {
            let fault = text.parse::<MtlsUrl>().unwrap_err();
            assert!(fault.contains(reason), "{text}: {fault}");
        }
    }

    #[test]
    fn the_issuers_path_is_added() {
        let url: MtlsUrl = "https://mtls.example:8443/".parse().unwrap();
        let issuer = Issuer::parse("https://id.example/auth").unwrap();
        let token = url.endpoint(&issuer, "/token");
        assert_eq!(token, "https://mtls.example:8443/auth/token");
        assert_eq!(url.host(), "mtls.example");
    }
}
