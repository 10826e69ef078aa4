//! A client's certificate, as the TLS handshake or a proxy in front of the server brings it: what
//! it says, and the comparison with what the client registered ([RFC 8705, section 2]).
//!
//! Whether its chain was verified is known where the handshake was done, and said with [`Chain`].
//! Its dates are a part of that: a self-signed certificate is trusted because it is registered, for
//! as long as it is.
//!
//! [RFC 8705, section 2]: https://www.rfc-editor.org/rfc/rfc8705#section-2

mod distinguished_name;
mod header;
mod name;
mod registered;

use std::net::IpAddr;

use countersign_jose::{base64url, digest};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

pub use distinguished_name::DistinguishedName;
pub use name::{CertificateName, CertificateNameFault};
pub use registered::certificates_of;

/// A well-formed certificate that a client proved to have the key of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    der: Vec<u8>,
    chain: Chain,
    subject: Option<DistinguishedName>,
    alternative_names: Vec<CertificateName>,
}

/// What the handshake found out about a certificate's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It leads to an authority that the operator trusts, and every certificate of it is valid now.
    Verified,
    /// Nothing, or that it doesn't: the client only has the certificate's key.
    NotVerified,
}

impl ClientCertificate {
    /// Reads the DER of one certificate (RFC 5280, section 4.1).
    ///
    /// # Errors
    /// Returns [`CertificateFault::Malformed`].
    pub fn from_der(der: &[u8], chain: Chain) -> Result<Self, CertificateFault> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateFault::Malformed)?;
        if !rest.is_empty() {
            return Err(CertificateFault::Malformed);
        }
        Ok(Self {
            der: der.to_vec(),
            chain,
            subject: DistinguishedName::of(certificate.subject()),
            alternative_names: alternative_names(&certificate)?,
        })
    }

    /// Reads the value of a header in which a proxy passes it on: the byte sequence of RFC 9440,
    /// section 2.1, or PEM that is percent-encoded, as nginx's `$ssl_client_escaped_cert`.
    ///
    /// # Errors
    /// Returns a [`CertificateFault`].
    pub fn from_header(value: &str, chain: Chain) -> Result<Self, CertificateFault> {
        Self::from_der(&header::decode(value)?, chain)
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether its chain was verified. Without that, anyone can have made it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.chain == Chain::Verified
    }

    /// `x5t#S256` (RFC 8705, section 3.1).
    #[must_use]
    pub fn thumbprint_sha256(&self) -> String {
        base64url::encode(digest::sha256(&self.der))
    }

    /// Whether it has this name (RFC 8705, section 2.1.2). Says nothing of who gave it the name:
    /// see [`is_verified`](Self::is_verified).
    #[must_use]
    pub fn bears(&self, name: &CertificateName) -> bool {
        match name {
            CertificateName::SubjectDn(expected) => self.subject.as_ref() == Some(expected),
            expected => self
                .alternative_names
                .iter()
                .any(|own| own.equals(expected)),
        }
    }
}

/// RFC 5280, section 4.2.1.6. Names of other kinds are left out.
fn alternative_names(
    certificate: &X509Certificate<'_>,
) -> Result<Vec<CertificateName>, CertificateFault> {
    let extension = certificate
        .subject_alternative_name()
        .map_err(|_| CertificateFault::Malformed)?;
    let names = extension.map(|extension| &extension.value.general_names);
    let read = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(CertificateName::SanDns((*name).to_owned())),
        GeneralName::URI(name) => Some(CertificateName::SanUri((*name).to_owned())),
        GeneralName::RFC822Name(name) => Some(CertificateName::SanEmail((*name).to_owned())),
        GeneralName::IPAddress(octets) => address(octets).map(CertificateName::SanIp),
        _ => None,
    };
    Ok(names.into_iter().flatten().filter_map(read).collect())
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}

/// Why there is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    #[error("it is neither a byte sequence (:base64:) nor one certificate in percent-encoded PEM")]
    Encoding,
    #[error("it is not an X.509 certificate")]
    Malformed,
}
