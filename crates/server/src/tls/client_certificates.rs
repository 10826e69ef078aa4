//! Certificates of clients: requested, but not required (RFC 8705, section 2). The handshake proves
//! that the client has the key. Whether an authority issued the certificate is checked separately,
//! because a self-signed one may be registered.

use std::sync::Arc;

use countersign_oauth::client_certificate::{Chain, ClientCertificate};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};

use super::terms::cryptography;

/// The certificate at the start of `chain`.
pub(super) fn read(
    chain: &[CertificateDer<'_>],
    authorities: Option<&Authorities>,
) -> Option<ClientCertificate> {
    let own = chain.first()?;
    let verdict = match authorities {
        Some(authorities) if authorities.issued(chain) => Chain::Verified,
        _ => Chain::NotVerified,
    };
    let read = ClientCertificate::from_der(own, verdict);
    read.inspect_err(|fault| tracing::info!(%fault, "ignored a client's certificate"))
        .ok()
}

/// The authorities whose clients may authenticate by the names in their certificates.
#[derive(Debug, Clone)]
pub(super) struct Authorities(Arc<dyn ClientCertVerifier>);

impl Authorities {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            let added = roots.add(certificate);
            added.map_err(|fault| fault.to_string())?;
        }
        let cryptography = Arc::new(cryptography());
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), cryptography);
        let verifier = builder.build().map_err(|fault| fault.to_string())?;
        Ok(Self(verifier))
    }

    /// Whether the chain leads to one of them now (RFC 5280, section 6), and its first certificate
    /// is meant for client authentication.
    fn issued(&self, chain: &[CertificateDer<'_>]) -> bool {
        let Some((own, between)) = chain.split_first() else {
            return false;
        };
        let verified = self.0.verify_client_cert(own, between, UnixTime::now());
        verified
            .inspect_err(|fault| tracing::debug!(%fault, "a client's chain was not verified"))
            .is_ok()
    }
}

/// Accepts any certificate whose key the client proves to have, and accepts clients without one.
#[derive(Debug)]
pub(super) struct AskOnly {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AskOnly {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms }
    }
}

impl ClientCertVerifier for AskOnly {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: with hints, a client would not send a self-signed certificate.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
