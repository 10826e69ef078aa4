//! `tls_client_auth` and `self_signed_tls_client_auth`: the certificate of the TLS connection (RFC
//! 8705, section 2). The listener knows it, or the proxy in front of it.

use std::sync::Arc;

use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_certificate::{CertificateName, ClientCertificate};

use super::fault::ClientAuthFault;
use crate::Provider;
use crate::client_keys::ClientKeys;
use crate::clients::Client;
use crate::error::Failure;

/// Proves that the certificate is that of `client`, if this is its registered method; for any other
/// method there is nothing to prove.
pub(super) async fn prove(
    provider: &Provider,
    certificate: Option<&ClientCertificate>,
    client: &Client,
) -> Result<(), Failure> {
    let method = match client.metadata.auth_method() {
        Some(method) if method.uses_certificate() => method,
        _ => return Ok(()),
    };
    let certificate = certificate.ok_or_else(|| {
        let client_id = &client.client_id;
        Failure::from(ClientAuthFault::CertificateMissing).detail(format!(
            "a request of client {client_id} without a certificate"
        ))
    })?;
    match method {
        ClientAuthMethod::TlsClientAuth => by_name(client, certificate),
        _ => by_registration(provider, client, certificate).await,
    }
}

/// RFC 8705, section 2.1: the chain is verified, and the certificate has the registered name.
fn by_name(client: &Client, certificate: &ClientCertificate) -> Result<(), Failure> {
    if !certificate.is_verified() {
        let client_id = &client.client_id;
        return Err(
            Failure::from(ClientAuthFault::CertificateNotVerified).detail(format!(
                "a certificate for client {client_id} that was not verified"
            )),
        );
    }
    match CertificateName::registered(&client.metadata) {
        Ok(name) if certificate.bears(&name) => Ok(()),
        _ => Err(wrong(client, certificate)),
    }
}

/// RFC 8705, section 2.2: it is one of the client's own certificates; its chain says nothing.
async fn by_registration(
    provider: &Provider,
    client: &Client,
    certificate: &ClientCertificate,
) -> Result<(), Failure> {
    let now_ms = provider.clock.monotonic_milliseconds();
    let is_registered = |keys: &Arc<ClientKeys>| keys.has_certificate(certificate.der());
    let keys = provider.client_keys.of(client, now_ms).await;
    let keys = keys.map_err(|reason| {
        let client_id = &client.client_id;
        Failure::from(ClientAuthFault::KeysUnavailable)
            .detail(format!("a certificate for client {client_id}: {reason}"))
    })?;
    let keys = keys.ok_or_else(|| wrong(client, certificate))?;
    if is_registered(&keys) {
        return Ok(());
    }
    let newer = provider.client_keys.newer_than(&keys, client, now_ms).await;
    match newer.is_some_and(|newer| is_registered(&newer)) {
        true => Ok(()),
        false => Err(wrong(client, certificate)),
    }
}

fn wrong(client: &Client, certificate: &ClientCertificate) -> Failure {
    Failure::from(ClientAuthFault::CertificateWrong).detail(format!(
        "the certificate with the SHA-256 {}, which is not that of client {}",
        certificate.thumbprint_sha256(),
        client.client_id
    ))
}
