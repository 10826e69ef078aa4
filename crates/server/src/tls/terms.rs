//! Versions, suites and the handshake of a listener.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::sign::SingleCertAndKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, ServerConfig};

use super::client_certificates::AskOnly;
use super::fault::TlsFault;
use super::files::CERTIFICATE;
use super::material::Material;
use super::{Asks, Terms};

/// What a client may choose by ALPN (RFC 7301), the best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// For TLS 1.2 the suites of the FAPI 2.0 Security Profile, section 5.2.2, that RFC 9325
/// recommends: ECDHE with AES-GCM. A hybrid with ML-KEM is the preferred key exchange.
pub(super) fn cryptography() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ],
        kx_groups: vec![
            kx_group::X25519MLKEM768,
            kx_group::X25519,
            kx_group::SECP256R1,
            kx_group::SECP384R1,
        ],
        ..default_provider()
    }
}

impl Terms {
    pub(super) fn new(asks: Asks, material: &Material) -> Result<Self, TlsFault> {
        let config = server_config(asks, material).map_err(|fault| {
            TlsFault::new(CERTIFICATE, format!("TLS can't be set up: {fault}."))
        })?;
        let authorities = match asks {
            Asks::Nothing => None,
            Asks::ForCertificates => material.authorities.clone(),
        };
        Ok(Self {
            config: Arc::new(config),
            authorities,
        })
    }
}

fn server_config(asks: Asks, material: &Material) -> Result<ServerConfig, Error> {
    let cryptography = Arc::new(cryptography());
    let algorithms = cryptography.signature_verification_algorithms;
    let builder = ServerConfig::builder_with_provider(cryptography)
        .with_protocol_versions(&[&TLS13, &TLS12])?;
    let builder = match asks {
        Asks::Nothing => builder.with_no_client_auth(),
        Asks::ForCertificates => {
            builder.with_client_cert_verifier(Arc::new(AskOnly::new(algorithms)))
        }
    };
    let resolver = SingleCertAndKey::from(Arc::clone(&material.identity));
    let mut config = builder.with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    if asks == Asks::ForCertificates {
        // A resumed session would bring a certificate whose chain was verified some time ago.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}
