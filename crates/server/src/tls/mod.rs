//! TLS by the server itself: its files, what can be wrong with them, and the configuration of each
//! listener, which is replaced when the files change. The listener does the handshakes
//! (`listen/handshake.rs`).

mod client_certificates;
mod fault;
mod files;
mod material;
mod reload;
mod terms;
mod warnings;

use std::sync::Arc;

use countersign_oauth::client_certificate::ClientCertificate;
use parking_lot::RwLock;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::configuration::Configuration;

use client_certificates::Authorities;
use files::{Digest, Files};
use material::Material;

pub use fault::TlsFault;
pub use reload::Reloading;
pub use warnings::warnings;

/// The current TLS configuration of a listener.
#[derive(Debug)]
pub struct ListenerTls {
    asks: Asks,
    terms: RwLock<Terms>,
}

/// Whether a listener asks its clients for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Nothing,
    ForCertificates,
}

/// The configuration for connections that begin now.
#[derive(Debug, Clone)]
struct Terms {
    config: Arc<ServerConfig>,
    authorities: Option<Authorities>,
}

impl ListenerTls {
    fn new(asks: Asks, material: &Material) -> Result<Self, TlsFault> {
        Ok(Self {
            asks,
            terms: RwLock::new(Terms::new(asks, material)?),
        })
    }

    pub(crate) fn asks(&self) -> Asks {
        self.asks
    }

    /// For the next handshake.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.terms.read().config)
    }

    /// The certificate of a client, proven in the handshake, and the result of checking its chain.
    pub(crate) fn client_certificate(
        &self,
        chain: &[CertificateDer<'_>],
    ) -> Option<ClientCertificate> {
        let authorities = self.terms.read().authorities.clone();
        client_certificates::read(chain, authorities.as_ref())
    }

    fn replace(&self, terms: Terms) {
        *self.terms.write() = terms;
    }
}

/// The TLS of a deployment.
#[derive(Debug)]
pub struct Tls {
    files: Files,
    /// What the listeners' terms were made of.
    loaded: Digest,
    /// The listener of `listen`.
    pub main: Arc<ListenerTls>,
    /// The listener of `client_certificates.listen`.
    pub mtls: Arc<ListenerTls>,
}

impl Tls {
    /// Reads the configured files; `None` if there are none.
    ///
    /// # Errors
    /// Returns the [`TlsFault`] that keeps the files from being used.
    pub fn load(configuration: &Configuration) -> Result<Option<Self>, TlsFault> {
        let Some(files) = Files::of(configuration) else {
            return Ok(None);
        };
        let contents = files.read()?;
        let material = Material::of(&contents, &files)?;
        Ok(Some(Self {
            loaded: contents.digest(),
            main: Arc::new(ListenerTls::new(Asks::Nothing, &material)?),
            mtls: Arc::new(ListenerTls::new(Asks::ForCertificates, &material)?),
            files,
        }))
    }
}
