//! The issuer identifier: the name that a provider signs with, compared octet by octet everywhere
//! ([OIDC Discovery, section 3], [RFC 8414, section 2]).
//!
//! It is kept exactly as written. A trailing slash is part of the name: `https://op.example` and
//! `https://op.example/` are two issuers. Only when addresses are built from it
//! ([`Issuer::endpoint`]) is one trailing slash removed, as discovery does (OIDC Discovery, section
//! 4.1). Text that a URL parser would rewrite (`HTTPS://`, `:443`, `/../`) is refused rather than
//! kept or rewritten, since others would compare the rewritten form.
//!
//! [OIDC Discovery, section 3]: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
//! [RFC 8414, section 2]: https://www.rfc-editor.org/rfc/rfc8414#section-2

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer {
    text: String,
    /// Length of `scheme://host[:port]` in `text`.
    origin_length: usize,
    loopback: bool,
}

impl Issuer {
    /// `https`, or `http` on a loopback host; no userinfo, query or fragment.
    ///
    /// # Errors
    /// Returns an [`IssuerFault`] that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, IssuerFault> {
        let url = Url::parse(text).map_err(|_| IssuerFault::NotAUrl)?;
        let loopback = url.host().as_ref().is_some_and(is_loopback_host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(IssuerFault::HttpOutsideLoopback),
            _ => return Err(IssuerFault::Scheme),
        }
        if text.contains('?') {
            return Err(IssuerFault::Query);
        }
        if text.contains('#') {
            return Err(IssuerFault::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerFault::Userinfo);
        }
        let normal = url.as_str();
        let without_path = normal.strip_suffix('/').filter(|_| url.path() == "/");
        if text != normal && Some(text) != without_path {
            return Err(IssuerFault::NotInNormalForm {
                normal: normal.to_owned(),
            });
        }
        let origin_length = url.origin().ascii_serialization().len();
        Ok(Self {
            text: text.to_owned(),
            origin_length,
            loopback,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `scheme://host[:port]`, without a slash at its end.
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin_length).unwrap_or_default()
    }

    /// The host without its port, as a URL has it: an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        let origin = self.origin();
        let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    /// The path below which everything is served: empty, or `/prefix` without a slash at its end.
    /// It may contain characters that a router treats specially, such as `:` and `*`.
    pub fn path_prefix(&self) -> &str {
        let path = self.text.get(self.origin_length..).unwrap_or_default();
        path.strip_suffix('/').unwrap_or(path)
    }

    /// The address of an endpoint, whose path starts with `/`.
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.path_prefix())
    }

    /// Whether the host is `localhost`, in 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }
}

/// `localhost`, 127.0.0.0/8 and `::1` (RFC 8252, sections 7.3 and 8.3).
pub fn is_loopback_host<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerFault {
    #[error("the issuer is not an absolute URL")]
    NotAUrl,
    #[error("the issuer's scheme is not https")]
    Scheme,
    #[error("the issuer is http, which only a loopback host may be")]
    HttpOutsideLoopback,
    #[error("the issuer has a query")]
    Query,
    #[error("the issuer has a fragment")]
    Fragment,
    #[error("the issuer has a user name or password")]
    Userinfo,
    #[error("the issuer is not in its normal form, which is {normal}")]
    NotInNormalForm { normal: String },
}

impl IssuerFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAUrl => "issuer_not_a_url",
            Self::Scheme => "issuer_scheme",
            Self::HttpOutsideLoopback => "issuer_http_outside_loopback",
            Self::Query => "issuer_query",
            Self::Fragment => "issuer_fragment",
            Self::Userinfo => "issuer_userinfo",
            Self::NotInNormalForm { .. } => "issuer_not_in_normal_form",
        }
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Issuer {
    type Err = IssuerFault;

    fn from_str(text: &str) -> Result<Self, IssuerFault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Issuer {
    type Error = IssuerFault;

    fn try_from(text: String) -> Result<Self, IssuerFault> {
        Self::parse(&text)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.text
    }
}
