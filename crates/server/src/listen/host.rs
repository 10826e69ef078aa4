//! Which `Host` is answered. On a loopback address a foreign one is refused: a web site whose name was made to point at 127.0.0.1
//! (DNS rebinding) must not reach the provider through its visitor's browser.

use countersign_oauth::issuer::Issuer;
use http::Request;
use http::header::HOST;
use http::uri::Authority;
use url::Url;

use super::answers::Fault;

/// Which host names a listener answers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPolicy {
    /// All, as behind a reverse proxy that has checked it.
    Any,
    /// These, in lower case, without port; an IPv6 address in brackets.
    Only(Vec<String>),
}

impl HostPolicy {
    /// The policy of a provider: `allowed` and the issuer's own host, or any where that is empty and the issuer isn't on loopback.
    #[must_use]
    pub fn for_issuer(issuer: &Issuer, allowed: &[String]) -> Self {
        let is_loopback = issuer.is_loopback();
        if allowed.is_empty() && !is_loopback {
            return Self::Any;
        }
        let mut names: Vec<String> = allowed
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        names.extend(
            Url::parse(issuer.as_str())
                .ok()
                .and_then(|url| url.host_str().map(str::to_ascii_lowercase)),
        );
        if is_loopback {
            names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        Self::Only(names)
    }

    /// Checks the request's host: RFC 9112, section 3.2 (exactly one, valid), then the policy.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Fault> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let authority = match (request.uri().authority(), hosts.next(), hosts.next()) {
            (_, _, Some(_)) => return Err(Fault::HostMissing),
            // RFC 9112, section 3.2.2: an absolute target's authority wins. HTTP/2 has it as `:authority`.
            (Some(authority), _, None) => authority.clone(),
            (None, Some(host), None) => host
                .to_str()
                .ok()
                .and_then(|host| host.parse::<Authority>().ok())
                .ok_or(Fault::HostMissing)?,
            (None, None, None)
                if request.version() <= http::Version::HTTP_10 && *self == Self::Any =>
            {
                return Ok(());
            }
            (None, None, None) => return Err(Fault::HostMissing),
        };
        if authority.as_str().contains('@') {
            return Err(Fault::HostMissing);
        }
        match self {
            Self::Any => Ok(()),
            Self::Only(names)
                if names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(authority.host())) =>
            {
                Ok(())
            }
            Self::Only(_) => Err(Fault::HostNotOurs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Issuer {
        Issuer::parse(text).unwrap()
    }

    fn with_host(host: &str) -> Request<()> {
        Request::builder()
            .uri("/")
            .header(HOST, host)
            .body(())
            .unwrap()
    }

    #[test]
    fn a_provider_on_loopback_answers_to_its_own_names_only() {
        let policy = HostPolicy::for_issuer(
            &issuer("http://localhost:8080"),
            &["proxy.example".to_owned()],
        );
        for ours in [
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:8080",
            "proxy.example",
        ] {
            assert_eq!(policy.check(&with_host(ours)), Ok(()), "{ours}");
        }
        for foreign in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8080",
            "[::2]",
        ] {
            assert_eq!(
                policy.check(&with_host(foreign)),
                Err(Fault::HostNotOurs),
                "{foreign}"
            );
        }
        assert_eq!(
            HostPolicy::for_issuer(&issuer("https://id.example"), &[]),
            HostPolicy::Any
        );
    }

    #[test]
    fn a_request_needs_exactly_one_valid_host() {
        let twice = Request::builder()
            .uri("/")
            .header(HOST, "a")
            .header(HOST, "a")
            .body(())
            .unwrap();
        let none = Request::builder().uri("/").body(()).unwrap();
        for request in [
            twice,
            none,
            with_host("a b"),
            with_host("user@a"),
            with_host(""),
        ] {
            assert_eq!(
                HostPolicy::Any.check(&request),
                Err(Fault::HostMissing),
                "{:?}",
                request.headers()
            );
        }
    }
}
