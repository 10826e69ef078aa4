//! The certificate of a client whose TLS connection ends at a trusted proxy (RFC 9440; RFC 8705,
//! section 2).
//!
//! The headers are taken out of every request before anything else reads it, so that nothing
//! further in can believe what a client wrote. A listener that asks for certificates itself inserts
//! the same [`ClientCertificate`] into the request's extensions (`handshake.rs`).

use std::fmt;

use countersign_oauth::client_certificate::{CertificateFault, Chain, ClientCertificate};
use countersign_provider::settings::ClientCertificates;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers in which a proxy passes on a certificate; without the first there is none.
#[derive(Debug, Clone, Default)]
pub struct CertificateHeaders {
    certificate: Option<HeaderName>,
    verified: Option<HeaderName>,
}

impl CertificateHeaders {
    /// Those that the settings name.
    #[must_use]
    pub fn of(settings: &ClientCertificates) -> Self {
        let name = |field: &countersign_provider::settings::HeaderField| field.name().clone();
        Self {
            certificate: settings.header.as_ref().map(name),
            verified: settings.verified_header.as_ref().map(name),
        }
    }

    /// Takes the headers out of a request, and reads the certificate if a trusted proxy sent it. An
    /// empty header says that the connection has none.
    pub(super) fn take(
        &self,
        headers: &mut HeaderMap,
        is_trusted: bool,
    ) -> Result<Option<ClientCertificate>, Ignored> {
        let Some(name) = &self.certificate else {
            return Ok(None);
        };
        let certificate = take_one(headers, name);
        let verified = match &self.verified {
            Some(name) => take_one(headers, name),
            None => Ok(None),
        };
        if !is_trusted {
            return match (certificate, verified) {
                (Ok(None), Ok(None)) => Ok(None),
                _ => Err(Ignored::FromUntrusted),
            };
        }
        let is_some = |value: &HeaderValue| !value.is_empty() && value != EMPTY;
        let Some(certificate) = certificate?.filter(is_some) else {
            return Ok(None);
        };
        let chain = match verified? {
            Some(result) if result == VERIFIED => Chain::Verified,
            _ => Chain::NotVerified,
        };
        let text = certificate.to_str().map_err(|_| Ignored::NotText)?;
        let certificate = ClientCertificate::from_header(text, chain);
        certificate.map(Some).map_err(Ignored::Malformed)
    }
}

/// A byte sequence of nothing: some proxies write it where there is no certificate.
const EMPTY: &str = "::";

/// What nginx's `$ssl_client_verify` says of a chain that it verified.
const VERIFIED: &str = "SUCCESS";

/// Of a header that came twice, one may be the client's own.
fn take_one(headers: &mut HeaderMap, name: &HeaderName) -> Result<Option<HeaderValue>, Ignored> {
    let is_repeated = headers.get_all(name).iter().nth(1).is_some();
    let value = headers.remove(name);
    match is_repeated {
        true => Err(Ignored::Repeated),
        false => Ok(value),
    }
}

/// Why a certificate in a header is not the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ignored {
    FromUntrusted,
    Repeated,
    NotText,
    Malformed(CertificateFault),
}

impl fmt::Display for Ignored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromUntrusted => {
                formatter.write_str("http.trusted_proxies does not name the peer that sent it")
            }
            Self::Repeated => formatter
                .write_str("a header came twice: the proxy must replace what the client sent"),
            Self::NotText => formatter.write_str("it is not text"),
            Self::Malformed(fault) => fault.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: HeaderName = HeaderName::from_static("client-cert");
    const VERIFY: HeaderName = HeaderName::from_static("client-verify");

    fn configured() -> CertificateHeaders {
        CertificateHeaders {
            certificate: Some(CERTIFICATE),
            verified: Some(VERIFY),
        }
    }

    fn certificate() -> String {
        let made = rcgen::generate_simple_self_signed(["client.example".to_owned()]);
        let base64 = countersign_jose::base64url::encode(made.unwrap().cert.der());
        let mut base64 = base64.replace('-', "+").replace('_', "/");
        while !base64.len().is_multiple_of(4) {
            base64.push('=');
        }
        format!(":{base64}:")
    }

    fn headers(certificates: &[&str], results: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in certificates {
            headers.append(CERTIFICATE, value.parse().unwrap());
        }
        for value in results {
            headers.append(VERIFY, value.parse().unwrap());
        }
        headers.insert("accept", "*/*".parse().unwrap());
        headers
    }

    /// Whether there is a certificate, and whether it is verified.
    fn taken(mut headers: HeaderMap, is_trusted: bool) -> Result<Option<bool>, Ignored> {
        let taken = configured().take(&mut headers, is_trusted);
        assert_eq!(headers.len(), 1, "nothing of it is left");
        taken.map(|certificate| certificate.map(|certificate| certificate.is_verified()))
    }

    #[test]
    fn attack_43_a_certificate_is_believed_from_a_trusted_proxy_only() {
        let own = certificate();
        for (certificates, results, trusted, untrusted) in [
            (
                vec![own.as_str()],
                vec!["SUCCESS"],
                Ok(Some(true)),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![&own],
                vec!["NONE"],
                Ok(Some(false)),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![&own],
                vec!["FAILED:expired"],
                Ok(Some(false)),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![&own],
                vec!["success"],
                Ok(Some(false)),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![&own],
                vec![],
                Ok(Some(false)),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![],
                vec!["SUCCESS"],
                Ok(None),
                Err(Ignored::FromUntrusted),
            ),
            (
                vec![""],
                vec!["NONE"],
                Ok(None),
                Err(Ignored::FromUntrusted),
            ),
            (vec![], vec![], Ok(None), Ok(None)),
        ] {
            let sent = || headers(&certificates, &results);
            assert_eq!(taken(sent(), true), trusted, "{results:?}");
            assert_eq!(taken(sent(), false), untrusted, "{results:?}");
        }
    }

    #[test]
    fn attack_43_a_second_copy_of_a_header_makes_both_worthless() {
        let own = certificate();
        let twice = [own.as_str(), &own];
        assert_eq!(
            taken(headers(&twice, &["SUCCESS"]), true),
            Err(Ignored::Repeated)
        );
        let results = ["NONE", "SUCCESS"];
        assert_eq!(
            taken(headers(&[&own], &results), true),
            Err(Ignored::Repeated)
        );
    }

    #[test]
    fn a_malformed_certificate_is_none() {
        let malformed = taken(headers(&["x"], &["SUCCESS"]), true);
        assert_eq!(
            malformed,
            Err(Ignored::Malformed(CertificateFault::Encoding))
        );
    }

    #[test]
    fn without_a_setting_no_header_is_read() {
        let mut sent = headers(&[&certificate()], &["SUCCESS"]);
        let taken = CertificateHeaders::default().take(&mut sent, true);
        assert_eq!(taken, Ok(None));
        assert_eq!(sent.len(), 3);
    }
}
