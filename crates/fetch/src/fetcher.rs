//! Sends a request within a policy.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use url::{Host, Url};

use crate::error::{FetchError, PolicyError};
use crate::policy::Policy;
use crate::request::Request;
use crate::resolver::{CheckedResolver, Refused, Unresolved, check_address, is_loopback_name};
use crate::response::Response;

/// An HTTP client bound to a [`Policy`]. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Fetcher {
    policy: Arc<Policy>,
    client: reqwest::Client,
}

impl Fetcher {
    /// Makes a fetcher. Reads the system's certificate authorities; a machine without any reaches
    /// only hosts that the extra ones vouch for.
    ///
    /// # Errors
    /// Returns a [`PolicyError`] if the extra certificates can't be read.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        let extra = extra_certificates(&policy)?;
        let has_extra = !extra.is_empty();
        let client = builder(&policy)
            .tls_certs_merge(extra.clone())
            .build()
            .or_else(|_| builder(&policy).tls_certs_only(extra).build())
            .map_err(|error| match innermost(&error) {
                _ if has_extra => PolicyError::ExtraCertificates,
                reason => PolicyError::HttpClient { reason },
            })?;
        Ok(Self {
            policy: Arc::new(policy),
            client,
        })
    }

    /// Sends a request and reads the whole response, of any status, redirects included.
    ///
    /// # Errors
    /// Returns a [`FetchError`], which says why there is no response.
    pub async fn send(&self, request: Request) -> Result<Response, FetchError> {
        let host = self.check_url(&request.url)?;
        if let Some(name) = request.invalid_header {
            return Err(FetchError::InvalidHeader { name });
        }
        let mut outgoing = self
            .client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let mut incoming = outgoing
            .send()
            .await
            .map_err(|error| self.cause(&host, &error))?;
        let status = incoming.status();
        let headers: HeaderMap = std::mem::take(incoming.headers_mut());
        let body = self.read_body(&host, incoming).await?;
        Ok(Response {
            status,
            headers,
            body,
        })
    }

    /// Everything that can be checked before a name is resolved. Returns the host, for messages.
    fn check_url(&self, url: &Url) -> Result<String, FetchError> {
        let host = match (url.scheme(), url.host()) {
            ("http" | "https", Some(host)) => host.to_owned(),
            (scheme, _) => {
                return Err(FetchError::UnsupportedScheme {
                    scheme: scheme.to_owned(),
                });
            }
        };
        let name = host.to_string();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::UserinfoInUrl { host: name });
        }
        // A literal never reaches the resolver, so it is checked here.
        let literal = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        if url.scheme() == "http"
            && is_loopback(&name, literal)
            && !self.may_be_plain(&name, literal)
        {
            return Err(FetchError::LoopbackNotAllowed { host: name });
        }
        if let Some(address) = literal
            && let Err(Refused { address, class }) =
                check_address(&self.policy.allow, &name, address)
        {
            return Err(FetchError::RefusedAddress {
                host: name,
                address,
                class,
            });
        }
        if url.scheme() == "http" && !self.may_be_plain(&name, literal) {
            return Err(FetchError::HttpsRequired { host: name });
        }
        Ok(name)
    }

    /// Plain http stays on this machine, and only if the allow-list says so.
    fn may_be_plain(&self, name: &str, literal: Option<IpAddr>) -> bool {
        let allow = &self.policy.allow;
        match literal {
            Some(address) => {
                address.to_canonical().is_loopback()
                    && (allow.names_address(address) || allow.names_host(name))
            }
            None => {
                is_loopback_name(name)
                    && (allow.names_host(name)
                        || allow.names_address(IpAddr::from([127, 0, 0, 1]))
                        || allow.names_address(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])))
            }
        }
    }

    async fn read_body(
        &self,
        host: &str,
        mut incoming: reqwest::Response,
    ) -> Result<Vec<u8>, FetchError> {
        let limit_bytes = self.policy.max_response_bytes;
        let too_large = || FetchError::TooLarge {
            host: host.to_owned(),
            limit_bytes,
        };
        let announced = incoming.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).map_err(|_| too_large())?;
        if announced > limit_bytes {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(chunk) = incoming
            .chunk()
            .await
            .map_err(|error| self.cause(host, &error))?
        {
            if body.len() + chunk.len() > limit_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The cause behind a failure of the HTTP client.
    fn cause(&self, host: &str, error: &reqwest::Error) -> FetchError {
        let host = host.to_owned();
        if let Some(Refused { address, class }) = find(error) {
            return FetchError::RefusedAddress {
                host,
                address: *address,
                class: *class,
            };
        }
        if let Some(unresolved) = find::<Unresolved>(error) {
            return FetchError::NameNotResolved {
                host,
                reason: unresolved.to_string(),
            };
        }
        if error.is_timeout() {
            return if error.is_connect() {
                FetchError::ConnectTimedOut {
                    host,
                    limit: self.policy.connect_timeout,
                }
            } else {
                FetchError::TimedOut {
                    host,
                    limit: self.policy.total_timeout,
                }
            };
        }
        let reason = innermost(error);
        if !error.is_connect() {
            return FetchError::BrokenOff { host, reason };
        }
        // The TLS library's own error is inside an io::Error of this kind.
        let handshake = causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == io::ErrorKind::InvalidData);
        if handshake {
            FetchError::Tls { host, reason }
        } else {
            FetchError::ConnectFailed { host, reason }
        }
    }
}

/// Whether a host is this machine by its name or address.
fn is_loopback(name: &str, literal: Option<IpAddr>) -> bool {
    literal.map_or_else(
        || is_loopback_name(name),
        |address| address.to_canonical().is_loopback(),
    )
}

fn builder(policy: &Policy) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(policy.connect_timeout)
        .timeout(policy.total_timeout)
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would resolve names for us, unchecked.
        .no_proxy()
        .referer(false)
        .pool_max_idle_per_host(8)
        // Below the idle time-outs that servers have (5 s and more): a post on a connection that
        // just closed is lost.
        .pool_idle_timeout(Duration::from_secs(4))
        .user_agent(&policy.user_agent)
        .dns_resolver(Arc::new(CheckedResolver {
            allow: policy.allow.clone(),
            inner: Arc::clone(&policy.resolver),
        }))
}

fn extra_certificates(policy: &Policy) -> Result<Vec<reqwest::Certificate>, PolicyError> {
    let Some(pem) = &policy.extra_ca_pem else {
        return Ok(Vec::new());
    };
    match reqwest::Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(PolicyError::ExtraCertificates),
    }
}

/// An error and all its causes, outermost first.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| inner_cause(*error))
}

fn inner_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    // An io::Error hides the error inside it from `source`, which gives that one's own source
    // instead.
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The first cause of a type.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// The text of the last cause: outer ones repeat it, or name the address with its query.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Fetcher")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
