//! From an accepted socket to a stream that carries HTTP.

use std::io;

use countersign_oauth::client_certificate::ClientCertificate;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::refusal::bid_farewell;
use super::responses::{Fault, written_out};
use crate::tls::{Asks, ListenerTls};

/// The source of a client's certificate that counts on a connection.
#[derive(Debug)]
pub(super) enum CertificateSource {
    /// The headers of each request, if it comes from a trusted proxy.
    Headers,
    /// The handshake. Headers are ignored.
    Handshake(Option<ClientCertificate>),
}

/// Does the handshake of an accepted connection.
///
/// # Errors
/// Returns why there is no stream. A peer that speaks plain HTTP has been told what to do instead.
pub(super) async fn shake_hands(
    tls: &ListenerTls,
    mut stream: TcpStream,
) -> io::Result<(TlsStream<TcpStream>, CertificateSource)> {
    if is_plain_http(&stream).await? {
        bid_farewell(&mut stream, &written_out(Fault::PlainHttpOnTlsPort)).await?;
        return Err(io::Error::other("the peer spoke plain HTTP"));
    }
    let stream = TlsAcceptor::from(tls.config()).accept(stream).await?;
    let source = match tls.asks() {
        Asks::Nothing => CertificateSource::Headers,
        Asks::ForCertificates => {
            let (_, session) = stream.get_ref();
            let chain = session.peer_certificates().unwrap_or_default();
            CertificateSource::Handshake(tls.client_certificate(chain))
        }
    };
    Ok((stream, source))
}

/// A handshake begins with the byte 22 (RFC 8446, section 5.1); an HTTP method begins with a
/// letter.
async fn is_plain_http(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0].is_ascii_alphabetic()),
    }
}
