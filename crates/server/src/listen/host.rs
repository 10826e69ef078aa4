//! The host of a request: exactly one, valid, and one that the server serves ([`request_host`]).

use countersign_oauth::issuer::Issuer;
use countersign_oauth::request_host;
use countersign_web::HostName;
use http::header::{HOST, HeaderValue};
use http::uri::Authority;
use http::{Request, Version};

use super::responses::Fault;

/// Which host names a listener serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPolicy {
    /// All, as behind a reverse proxy that has checked it.
    Any,
    /// Those of a server with this issuer, and these.
    Of {
        issuer: Issuer,
        additional: Vec<HostName>,
    },
}

impl HostPolicy {
    /// The policy of a server with that issuer.
    #[must_use]
    pub fn for_issuer(issuer: &Issuer, additional: &[HostName]) -> Self {
        if request_host::is_any_served(issuer, additional) {
            return Self::Any;
        }
        Self::Of {
            issuer: issuer.clone(),
            additional: additional.to_vec(),
        }
    }

    /// Checks the request's host: RFC 9112, section 3.2 (at most one, valid; HTTP/1.0 may do
    /// without), then the policy.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Fault> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = hosts.next().map(valid).transpose()?;
        let authority = request.uri().authority().map(Authority::as_str);
        if hosts.next().is_some() || authority.is_some_and(|authority| authority.contains('@')) {
            return Err(Fault::HostMissing);
        }
        let host = host.as_ref().map(Authority::as_str);
        match request_host::named(authority, host) {
            None if request.version() > Version::HTTP_10 => Err(Fault::HostMissing),
            None if self.admits_any(request) => Ok(()),
            None => Err(Fault::HostMissing),
            Some(named) if self.admits(named) || self.admits_any(request) => Ok(()),
            Some(_) => Err(Fault::HostNotOurs),
        }
    }

    fn admits(&self, named: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of { issuer, additional } => request_host::is_served(issuer, additional, named),
        }
    }

    /// Whether the host does not matter for this request.
    fn admits_any<B>(&self, request: &Request<B>) -> bool {
        match self {
            Self::Any => true,
            Self::Of { issuer, .. } => request_host::is_probe(issuer, request.uri().path()),
        }
    }
}

/// A host with or without port, and no user's name before it.
fn valid(host: &HeaderValue) -> Result<Authority, Fault> {
    let host = host.to_str().ok().filter(|host| !host.contains('@'));
    host.and_then(|host| host.parse().ok())
        .ok_or(Fault::HostMissing)
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
    fn a_provider_on_loopback_serves_its_own_names_only() {
        let policy = HostPolicy::for_issuer(
            &issuer("http://localhost:8080"),
            &["proxy.example".parse().unwrap()],
        );
        for (host, response) in [
            ("localhost:8080", Ok(())),
            ("proxy.example", Ok(())),
            ("evil.example", Err(Fault::HostNotOurs)),
        ] {
            assert_eq!(policy.check(&with_host(host)), response, "{host}");
        }
        assert_eq!(
            HostPolicy::for_issuer(&issuer("https://id.example"), &[]),
            HostPolicy::Any
        );
    }

    #[test]
    fn probes_may_name_any_valid_host() {
        let allowed = ["id.example.com".parse().unwrap()];
        for issuer_text in [
            "https://id.example.com",
            "https://id.example.com/a",
            "http://localhost:8080",
        ] {
            let policy = HostPolicy::for_issuer(&issuer(issuer_text), &allowed);
            let check = |path: &str, host: &str| {
                let request = Request::builder().uri(path).header(HOST, host);
                policy.check(&request.body(()).unwrap())
            };
            for path in ["/healthz", "/readyz", "/healthz?verbose"] {
                assert_eq!(
                    check(path, "10.244.0.5:8080"),
                    Ok(()),
                    "{issuer_text} {path}"
                );
                assert_eq!(check(path, "a b"), Err(Fault::HostMissing));
            }
            for path in ["/", "/token", "/healthz/", "/x/healthz", "/healthzz"] {
                assert_eq!(
                    check(path, "10.244.0.5:8080"),
                    Err(Fault::HostNotOurs),
                    "{issuer_text} {path}"
                );
            }
        }
        let policy = HostPolicy::for_issuer(&issuer("https://id.example.com/a"), &allowed);
        let request = Request::builder()
            .uri("/a/readyz")
            .header(HOST, "10.244.0.5");
        assert_eq!(policy.check(&request.body(()).unwrap()), Ok(()));
    }

    /// RFC 9112, section 3.2 asks for a Host in HTTP/1.1 only, and some probes send HTTP/1.0.
    #[test]
    fn a_probe_over_http_1_0_needs_no_host() {
        let allowed = ["id.example.com".parse().unwrap()];
        let policy = HostPolicy::for_issuer(&issuer("https://id.example.com"), &allowed);
        let check = |path: &str, version| {
            let request = Request::builder().uri(path).version(version);
            policy.check(&request.body(()).unwrap())
        };
        assert_eq!(check("/healthz", Version::HTTP_10), Ok(()));
        assert_eq!(check("/readyz", Version::HTTP_10), Ok(()));
        let missing = Err(Fault::HostMissing);
        assert_eq!(check("/healthz", Version::HTTP_11), missing);
        assert_eq!(check("/token", Version::HTTP_10), missing);
    }

    #[test]
    fn the_targets_authority_decides_and_a_host_beside_it_must_be_valid_still() {
        let policy = HostPolicy::for_issuer(&issuer("http://localhost:8080"), &[]);
        let absolute = |target: &str, host: &str| {
            let request = Request::builder().uri(target).header(HOST, host);
            policy.check(&request.body(()).unwrap())
        };
        assert_eq!(absolute("http://localhost:8080/", "evil.example"), Ok(()));
        assert_eq!(
            absolute("http://evil.example/", "localhost:8080"),
            Err(Fault::HostNotOurs)
        );
        assert_eq!(
            absolute("http://localhost:8080/", "a b"),
            Err(Fault::HostMissing)
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
