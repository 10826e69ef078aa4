//! The host of a request: exactly one, valid, and one that the server answers to ([`request_host`]).

use countersign_oauth::issuer::Issuer;
use countersign_oauth::request_host;
use http::Request;
use http::header::HOST;
use http::uri::Authority;

use super::answers::Fault;

/// Which host names a listener answers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPolicy {
    /// All, as behind a reverse proxy that has checked it.
    Any,
    /// Those of a server with this issuer, and these.
    Of {
        issuer: Issuer,
        additional: Vec<String>,
    },
}

impl HostPolicy {
    /// The policy of a server with that issuer.
    #[must_use]
    pub fn for_issuer(issuer: &Issuer, additional: &[String]) -> Self {
        if additional.is_empty() && !issuer.is_loopback() {
            return Self::Any;
        }
        Self::Of {
            issuer: issuer.clone(),
            additional: additional.to_vec(),
        }
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
            Self::Of { issuer, additional }
                if !request_host::is_answered(issuer, additional, authority.as_str()) =>
            {
                Err(Fault::HostNotOurs)
            }
            _ => Ok(()),
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
        for (host, answer) in [
            ("localhost:8080", Ok(())),
            ("proxy.example", Ok(())),
            ("evil.example", Err(Fault::HostNotOurs)),
        ] {
            assert_eq!(policy.check(&with_host(host)), answer, "{host}");
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
