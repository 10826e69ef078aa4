//! Why a fetch failed. No message contains a query, a header or a body.

use std::net::IpAddr;
use std::time::Duration;

use http::header::HeaderName;

use crate::address::AddressClass;

/// The cause of a failed fetch. An HTTP error status is not one: that is a
/// [`Response`](crate::Response).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Neither `https` nor `http`.
    #[error("the scheme {scheme} is not fetched, only https")]
    UnsupportedScheme { scheme: String },
    /// Plain `http` to anything but a loopback host of the allow-list.
    #[error("{host} must be fetched over https")]
    HttpsRequired { host: String },
    /// Plain `http` to this machine, which only
    /// [`Policy::allow_loopback_http`](crate::Policy::allow_loopback_http) or the allow-list opens.
    #[error(
        "{host} is this machine, which is not fetched over http unless Policy::allow_loopback_http says so"
    )]
    LoopbackNotAllowed { host: String },
    /// `https://user:password@host/`.
    #[error("the address of {host} contains a user name or password")]
    UserinfoInUrl { host: String },
    /// The host is, or resolves only to, addresses that aren't public and that the allow-list
    /// doesn't name.
    #[error("{host} is at {address}, a {class} address that the allow-list doesn't name")]
    RefusedAddress {
        host: String,
        address: IpAddr,
        class: AddressClass,
    },
    /// The name has no address.
    #[error("{host} could not be resolved: {reason}")]
    NameNotResolved { host: String, reason: String },
    /// Nothing listens there, or the network is unreachable.
    #[error("no connection to {host}: {reason}")]
    ConnectFailed { host: String, reason: String },
    /// The certificate was refused or the handshake failed.
    #[error("no secure connection to {host}: {reason}")]
    Tls { host: String, reason: String },
    /// [`Policy::connect_timeout`](crate::Policy::connect_timeout) passed.
    #[error("{host} did not accept a connection within {limit:?}")]
    ConnectTimedOut { host: String, limit: Duration },
    /// [`Policy::total_timeout`](crate::Policy::total_timeout) passed.
    #[error("{host} did not finish its response within {limit:?}")]
    TimedOut { host: String, limit: Duration },
    /// [`Policy::max_response_bytes`](crate::Policy::max_response_bytes) was exceeded, or announced
    /// to be.
    #[error("the response of {host} is larger than {limit_bytes} bytes")]
    TooLarge { host: String, limit_bytes: usize },
    /// The connection broke, or what came over it was not HTTP.
    #[error("the exchange with {host} was interrupted: {reason}")]
    BrokenOff { host: String, reason: String },
    /// A header's value contains what no header can carry.
    #[error("the value of the header {name} can't be sent")]
    InvalidHeader { name: HeaderName },
    /// The HTTP client could not be created.
    #[error("the HTTP client could not be created: {reason}")]
    NoClient { reason: String },
}

impl FetchError {
    /// The stable name of the cause, for logs and documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedScheme { .. } => "fetch_unsupported_scheme",
            Self::HttpsRequired { .. } => "fetch_https_required",
            Self::LoopbackNotAllowed { .. } => "fetch_loopback_not_allowed",
            Self::UserinfoInUrl { .. } => "fetch_userinfo_in_url",
            Self::RefusedAddress { .. } => "fetch_refused_address",
            Self::NameNotResolved { .. } => "fetch_name_not_resolved",
            Self::ConnectFailed { .. } => "fetch_connect_failed",
            Self::Tls { .. } => "fetch_tls",
            Self::ConnectTimedOut { .. } => "fetch_connect_timed_out",
            Self::TimedOut { .. } => "fetch_timed_out",
            Self::TooLarge { .. } => "fetch_too_large",
            Self::BrokenOff { .. } => "fetch_broken_off",
            Self::InvalidHeader { .. } => "fetch_invalid_header",
            Self::NoClient { .. } => "fetch_no_client",
        }
    }
}

/// Why a policy makes no fetcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// [`Policy::extra_ca_pem`](crate::Policy::extra_ca_pem) contains no certificate, or a
    /// malformed one.
    #[error("the extra certificate authorities are not PEM certificates")]
    ExtraCertificates,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be created: {reason}")]
    HttpClient { reason: String },
}
