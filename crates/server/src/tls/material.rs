//! Parses the files: the certificates, their key, and the authorities of clients.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, InconsistentKeys};

use super::client_certificates::Authorities;
use super::fault::TlsFault;
use super::files::{AUTHORITIES, CERTIFICATE, Contents, Files, KEY};
use super::terms::cryptography;

/// The parsed files, which belong together.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) identity: Arc<CertifiedKey>,
    pub(super) authorities: Option<Authorities>,
}

impl Material {
    /// Parses the contents, and checks that the key belongs to the certificate.
    pub(super) fn of(contents: &Contents, files: &Files) -> Result<Self, TlsFault> {
        let authorities = match (&contents.authorities, &files.authorities) {
            (Some(pem), Some(path)) => Some(authorities(pem, path)?),
            _ => None,
        };
        Ok(Self {
            identity: Arc::new(identity(contents, files)?),
            authorities,
        })
    }
}

fn identity(contents: &Contents, files: &Files) -> Result<CertifiedKey, TlsFault> {
    let chain = certificates(CERTIFICATE, &contents.certificate, &files.certificate)?;
    let key = key(&contents.key, &files.key)?;
    let (certificate_path, key_path) = (files.certificate.display(), files.key.display());
    let fault = match CertifiedKey::from_der(chain, key, &cryptography()) {
        Ok(identity) => return Ok(identity),
        Err(fault) => fault,
    };
    Err(match fault {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsFault::new(
            KEY,
            format!(
                "{key_path} is not the key of the first certificate in {certificate_path}. The server's own certificate comes first in that file, then those of its issuers."
            ),
        ),
        Error::InvalidCertificate(fault) => TlsFault::new(
            CERTIFICATE,
            format!("the first certificate in {certificate_path} is malformed: {fault}."),
        ),
        fault => TlsFault::new(
            KEY,
            format!(
                "the key in {key_path} can't be used: {fault}. Use RSA with at least 2048 bits, P-256, P-384 or Ed25519."
            ),
        ),
    })
}

/// All certificates of a PEM file, at least one.
pub(super) fn certificates(
    setting: &'static str,
    pem: &[u8],
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let path = path.display();
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(TlsFault::new(
            setting,
            format!(
                "{path} contains no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----."
            ),
        )),
        Err(fault) => Err(TlsFault::new(
            setting,
            format!("{path} is not valid PEM: {fault}."),
        )),
    }
}

fn key(pem: &[u8], path: &Path) -> Result<PrivateKeyDer<'static>, TlsFault> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        let is_encrypted = String::from_utf8_lossy(pem).contains("ENCRYPTED");
        let path = path.display();
        // The parser's own message could repeat part of the file.
        let message = match is_encrypted {
            true => format!(
                "{path} is protected by a passphrase. Write it without one, readable by the server's user only: openssl pkey -in {path} -out NEW."
            ),
            false => format!(
                "{path} contains no private key in PEM (PKCS#8, PKCS#1 or SEC1)."
            ),
        };
        TlsFault::new(KEY, message)
    })
}

fn authorities(pem: &[u8], path: &Path) -> Result<Authorities, TlsFault> {
    let certificates = certificates(AUTHORITIES, pem, path)?;
    Authorities::new(certificates).map_err(|fault| {
        let path = path.display();
        TlsFault::new(
            AUTHORITIES,
            format!("a certificate in {path} can't be that of an authority: {fault}."),
        )
    })
}
