//! The files that TLS uses, and their contents.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_jose::digest::sha256;
use zeroize::Zeroizing;

use super::fault::TlsFault;
use crate::configuration::Configuration;

pub(super) const CERTIFICATE: &str = "tls.certificate_file";
pub(super) const KEY: &str = "tls.key_file";
pub(super) const AUTHORITIES: &str = "client_certificates.authorities_file";

/// The configured files.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) authorities: Option<PathBuf>,
}

impl Files {
    /// `None` if the server has no TLS of its own.
    pub(super) fn of(configuration: &Configuration) -> Option<Self> {
        let tls = &configuration.tls;
        Some(Self {
            certificate: tls.certificate_file.clone()?,
            key: tls.key_file.clone()?,
            authorities: configuration
                .provider
                .client_certificates
                .authorities_file
                .clone(),
        })
    }

    pub(super) fn read(&self) -> Result<Contents, TlsFault> {
        let authorities = self.authorities.as_deref();
        Ok(Contents {
            certificate: read(CERTIFICATE, &self.certificate)?,
            key: Zeroizing::new(read(KEY, &self.key)?),
            authorities: authorities
                .map(|path| read(AUTHORITIES, path))
                .transpose()?,
        })
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsFault> {
    let read = fs::read(path);
    read.map_err(|error| TlsFault::new(setting, format!("can't read {}: {error}.", path.display())))
}

/// The contents of the files.
pub(super) struct Contents {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) authorities: Option<Vec<u8>>,
}

/// Whether the contents are the same as others.
pub(super) type Digest = [u8; 32];

impl Contents {
    pub(super) fn digest(&self) -> Digest {
        let authorities = self.authorities.as_deref().unwrap_or_default();
        let files = [&self.certificate, &*self.key, authorities];
        sha256(&files.map(sha256).concat())
    }
}
