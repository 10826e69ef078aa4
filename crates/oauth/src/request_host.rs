//! Which host a request names (RFC 9112, section 3.2.2), and which ones a server serves (RFC
//! 9110, sections 7.2 and 7.4). On a loopback issuer a foreign one is refused: a web site whose
//! name was made to point at 127.0.0.1 (DNS rebinding) must not reach the server through its
//! visitor's browser.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

use crate::issuer::{Issuer, is_loopback_host};

/// The host that a request names: the authority of its target, else its `Host`. RFC 9112, section
/// 3.2.2: where the target has an authority, the server ignores the `Host`; HTTP/2 has it as
/// `:authority` (RFC 9113, section 8.3.1).
pub fn named<'a>(authority: Option<&'a str>, host: Option<&'a str>) -> Option<&'a str> {
    authority.or(host)
}

/// Whether a server with that issuer serves requests for `authority`, a host with or without port.
///
/// If there are names in `additional`, only these and the issuer's own are served. A loopback
/// issuer always serves the names of the machine as well.
pub fn is_served(issuer: &Issuer, additional: &[impl AsRef<str>], authority: &str) -> bool {
    if is_any_served(issuer, additional) {
        return true;
    }
    let host = without_port(authority);
    let (_, own) = issuer.origin().split_once("://").unwrap_or_default();
    host.eq_ignore_ascii_case(without_port(own))
        || issuer.is_loopback() && is_loopback(host)
        || additional
            .iter()
            .any(|name| name.as_ref().eq_ignore_ascii_case(host))
}

/// Whether every host is served, as behind a proxy that has checked it: the issuer is not on
/// loopback and no names are listed.
pub fn is_any_served(issuer: &Issuer, additional: &[impl AsRef<str>]) -> bool {
    additional.is_empty() && !issuer.is_loopback()
}

/// Whether the path is one that probes request, at the root or below the issuer's path. Probes name
/// the host as they reach it, often by its address, so any host is served. They learn only whether
/// the server works.
pub fn is_probe(issuer: &Issuer, path: &str) -> bool {
    let below_issuer = path.strip_prefix(issuer.path_prefix()).unwrap_or(path);
    [path, below_issuer]
        .iter()
        .any(|path| matches!(*path, "/healthz" | "/readyz"))
}

/// As [`Issuer::is_loopback`] has it, of a host as it is written: a URL's reader would take `127.1`
/// too.
fn is_loopback(host: &str) -> bool {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let name = host.to_ascii_lowercase();
    let read = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().ok().map(Host::Ipv6),
        None => Some(
            host.parse::<Ipv4Addr>()
                .map_or(Host::Domain(name), Host::Ipv4),
        ),
    };
    read.as_ref().is_some_and(is_loopback_host)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
