//! Certificates: the system's authorities, and the extra ones of the policy.

use std::sync::Arc;

use countersign_fetch::{FetchError, Fetcher, Policy, PolicyError, Request};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::listener::{fetcher, loopback_policy, url};

/// An authority and what it vouches for, made for one test.
struct Certificates {
    authority_pem: Vec<u8>,
    localhost: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificates {
    fn make() -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = parameters
            .self_signed(&authority_key)
            .expect("signs itself");
        let issuer = Issuer::new(parameters, authority_key);
        let key = KeyPair::generate().expect("a key");
        let localhost = CertificateParams::new(vec!["localhost".to_owned()])
            .and_then(|parameters| parameters.signed_by(&key, &issuer))
            .expect("signs");
        Self {
            authority_pem: authority.pem().into_bytes(),
            localhost: localhost.der().clone(),
            key,
        }
    }
}

#[tokio::test]
async fn a_certificate_of_an_extra_authority_is_accepted_and_without_it_refused() {
    let certificates = Certificates::make();
    let port = listen_tls(&certificates).await;
    let target = url(&format!("https://localhost:{port}/"));

    let policy = Policy {
        extra_ca_pem: Some(certificates.authority_pem.clone()),
        ..loopback_policy()
    };
    let response = fetcher(policy)
        .send(Request::get(target.clone()))
        .await
        .expect("it is vouched for");
    assert_eq!(response.body, b"secure");

    let error = fetcher(loopback_policy())
        .send(Request::get(target))
        .await
        .expect_err("no one vouches");
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let certificates = Certificates::make();
    let port = listen_tls(&certificates).await;
    let policy = Policy {
        extra_ca_pem: Some(certificates.authority_pem.clone()),
        ..loopback_policy()
    };
    let target = url(&format!("https://127.0.0.1:{port}/"));
    let error = fetcher(policy)
        .send(Request::get(target))
        .await
        .expect_err("it is localhost's");
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
}

#[test]
fn extra_authorities_that_are_no_certificates_make_no_fetcher() {
    let key = Certificates::make().key.serialize_pem();
    for pem in [
        &b""[..],
        b"not PEM",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        key.as_bytes(),
    ] {
        let policy = Policy {
            extra_ca_pem: Some(pem.to_vec()),
            ..Policy::default()
        };
        let error = Fetcher::new(policy).expect_err("it holds no certificate");
        assert_eq!(
            error,
            PolicyError::ExtraCertificates,
            "{}",
            String::from_utf8_lossy(pem)
        );
    }
}

async fn listen_tls(certificates: &Certificates) -> u16 {
    let certificate = certificates.localhost.clone();
    let key = PrivateKeyDer::try_from(certificates.key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they fit");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // The refusing client breaks the handshake off: that is the test.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_ok() {
                    let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";
                    drop(stream.write_all(reply).await);
                    drop(stream.shutdown().await);
                }
            });
        }
    });
    port
}
