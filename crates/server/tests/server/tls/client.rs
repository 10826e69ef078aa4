//! A client that does real handshakes and writes its requests by hand.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned,
    SupportedCipherSuite, SupportedProtocolVersion,
};

use super::HOST;
use super::certificates::{Authority, Identity};

pub type Connection = StreamOwned<ClientConnection, TcpStream>;

#[derive(Clone)]
pub struct Client {
    roots: Arc<RootCertStore>,
    versions: Vec<&'static SupportedProtocolVersion>,
    suites: Option<Vec<SupportedCipherSuite>>,
    certificate: Option<Arc<CertifiedKey>>,
}

impl Client {
    pub fn trusting(authority: &Authority) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.der())).unwrap();
        Self {
            roots: Arc::new(roots),
            versions: vec![&TLS13, &TLS12],
            suites: None,
            certificate: None,
        }
    }

    pub fn with_version(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    pub fn with_suites(mut self, suites: Vec<SupportedCipherSuite>) -> Self {
        self.suites = Some(suites);
        self
    }

    pub fn with_certificate(self, identity: &Identity) -> Self {
        self.with_certificate_and_key(&identity.certificate_der, &identity.key_der)
    }

    /// Whether the key is that of the certificate is not checked here.
    pub fn with_certificate_and_key(mut self, certificate: &[u8], key: &[u8]) -> Self {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()));
        let key = default_provider().key_provider.load_private_key(key);
        let chain = vec![CertificateDer::from(certificate.to_vec())];
        self.certificate = Some(Arc::new(CertifiedKey::new(chain, key.unwrap())));
        self
    }

    /// A connection whose handshake is done.
    pub fn connect(&self, port: u16) -> io::Result<Connection> {
        Self::connect_with(Arc::new(self.config()), port)
    }

    /// The same with a configuration that remembers sessions.
    pub fn connect_with(config: Arc<ClientConfig>, port: u16) -> io::Result<Connection> {
        let name = HOST.try_into().unwrap();
        let session = ClientConnection::new(config, name).unwrap();
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut connection = StreamOwned::new(session, socket);
        while connection.conn.is_handshaking() {
            connection.conn.complete_io(&mut connection.sock)?;
        }
        Ok(connection)
    }

    pub fn get(&self, port: u16, path: &str) -> io::Result<String> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        self.send(port, &request)
    }

    /// A token request of that form, with more headers, each with its line's end.
    pub fn token(&self, port: u16, form: &str, headers: &str) -> io::Result<String> {
        let request = format!(
            "POST /token HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{headers}\r\n{form}",
            form.len()
        );
        self.send(port, &request)
    }

    fn send(&self, port: u16, request: &str) -> io::Result<String> {
        let mut connection = self.connect(port)?;
        connection.write_all(request.as_bytes())?;
        let mut response = String::new();
        connection.read_to_string(&mut response)?;
        Ok(response)
    }

    pub fn config(&self) -> ClientConfig {
        let mut cryptography: CryptoProvider = default_provider();
        if let Some(suites) = &self.suites {
            cryptography.cipher_suites.clone_from(suites);
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(cryptography))
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(Arc::clone(&self.roots));
        match &self.certificate {
            None => builder.with_no_client_auth(),
            Some(key) => builder.with_client_cert_resolver(Arc::new(Always(Arc::clone(key)))),
        }
    }
}

/// One request on an open connection, and the head of its response.
pub fn ask_again(connection: &mut Connection, path: &str) -> io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte)?;
        response.extend(byte);
    }
    let head = String::from_utf8_lossy(&response).into_owned();
    let length = head.lines().find_map(|line| {
        let value = line.strip_prefix("content-length: ")?;
        value.parse().ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body)?;
    Ok(head)
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
