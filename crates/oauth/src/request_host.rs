//! Which `Host` a server answers to (RFC 9110 7.2, 7.4). On a loopback issuer a foreign one is refused: a web site whose name
//! was made to point at 127.0.0.1 (DNS rebinding) must not reach the server through its visitor's browser.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::issuer::Issuer;

/// Whether a server with that issuer answers to a request for `authority`, a host with or without port.
///
/// Behind a proxy every host is answered, unless the operator lists the names there are in `additional`. On a loopback issuer
/// those of the machine are answered, and `additional`.
pub fn is_answered(issuer: &Issuer, additional: &[String], authority: &str) -> bool {
    if additional.is_empty() && !issuer.is_loopback() {
        return true;
    }
    let host = without_port(authority);
    let (_, own) = issuer.origin().split_once("://").unwrap_or_default();
    host.eq_ignore_ascii_case(without_port(own))
        || issuer.is_loopback() && is_loopback(host)
        || additional
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host))
}

/// `localhost`, 127.0.0.0/8 and `[::1]`, as [`Issuer::is_loopback`] has them.
fn is_loopback(host: &str) -> bool {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(address) => address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host
                    .parse::<Ipv4Addr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
