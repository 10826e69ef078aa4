//! What one peer, and all peers together, may take.

use std::time::Duration;

use super::client_address::Peers;
use super::client_certificate::CertificateHeaders;
use super::host::HostPolicy;
use countersign_web::settings::Requests;

use crate::configuration::{Configuration, Http};

/// The limits of one listener. [`Default`] is what the configuration's defaults say.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From a connection's first byte, or its acceptance, to the end of a request's header.
    pub header_read_timeout: Duration,
    /// From a request's header to the end of its body.
    pub body_read_timeout: Duration,
    /// From the whole request to the start of its response.
    pub request_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub keep_alive: Duration,
    /// Size of a request's header in bytes, at least 8192 (hyper's buffer).
    pub max_header_bytes: u32,
    /// Size of a request's body in bytes.
    pub max_body_bytes: usize,
    /// Bytes of request bodies above 16 KiB that all connections together may have buffered.
    pub max_buffered_bytes: usize,
    /// Open connections.
    pub max_connections: usize,
    /// Open requests of one HTTP/2 connection.
    pub max_concurrent_streams: u32,
    /// How long running requests may take to end after the shutdown began.
    pub graceful_shutdown: Duration,
    /// Which `Host` is served.
    pub hosts: HostPolicy,
    /// Who connects, and whose `X-Forwarded-For` is believed.
    pub peers: Peers,
    /// In which headers a trusted proxy passes on a client's certificate.
    pub certificates: CertificateHeaders,
    /// How long, after an response that came before the end of its request, the rest is read and
    /// discarded.
    pub linger: Duration,
    /// How many bytes of such a rest are read.
    pub max_linger_bytes: u64,
}

impl Limits {
    /// The limits of the provider's own listeners.
    #[must_use]
    pub fn of(configuration: &Configuration) -> Self {
        let requests = &configuration.site().requests;
        let hosts = match &configuration.basics.issuer {
            Some(issuer) => HostPolicy::for_issuer(issuer, &requests.allowed_hosts),
            None => HostPolicy::Any,
        };
        let issuer = configuration.basics.issuer.as_deref();
        Self {
            hosts,
            peers: Peers::of(
                issuer,
                &configuration.http.trusted_proxies,
                configuration.has_tls(),
            ),
            certificates: CertificateHeaders::of(&configuration.provider.client_certificates),
            ..Self::new(&configuration.http, requests)
        }
    }

    /// The shortest of the limits that are watched, which decides how often to look.
    pub(super) fn shortest(&self) -> Duration {
        self.header_read_timeout
            .min(self.keep_alive)
            .min(self.request_timeout)
    }
}

impl Limits {
    /// The limits of a listener that serves every host.
    #[must_use]
    pub fn new(http: &Http, requests: &Requests) -> Self {
        Self {
            header_read_timeout: Duration::from_secs(http.header_read_timeout_seconds),
            body_read_timeout: Duration::from_secs(http.body_read_timeout_seconds),
            request_timeout: Duration::from_secs(http.request_timeout_seconds),
            keep_alive: Duration::from_secs(http.keep_alive_seconds),
            max_header_bytes: http.max_header_bytes,
            max_body_bytes: requests.max_body_bytes,
            max_buffered_bytes: http.max_buffered_bytes,
            max_connections: http.max_connections,
            max_concurrent_streams: http.max_concurrent_streams,
            graceful_shutdown: Duration::from_secs(http.graceful_shutdown_seconds),
            hosts: HostPolicy::Any,
            peers: Peers::ClientsAnd(http.trusted_proxies.clone()),
            certificates: CertificateHeaders::default(),
            linger: Duration::from_secs(http.linger_seconds),
            max_linger_bytes: http.max_linger_bytes,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(&Http::default(), &Requests::default())
    }
}
