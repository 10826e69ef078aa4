//! Turning a connection away when every place is taken by one that is being served: a quick 503
//! rather than silence.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::door::Transport;
use super::fault::TransportFault;

const RESPONSE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-type: application/json\r\n\
    content-length: 35\r\n\r\n{\"error\":\"temporarily_unavailable\"}";

/// How long the peer may take to read it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Those that are being turned away. There is room for a few; beyond it connections are closed
/// without a word.
#[derive(Debug)]
pub(super) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(64)))
    }
}

impl Refusals {
    /// Over TLS that would take a handshake, which there is no place for: the connection is closed.
    pub(super) fn refuse(&self, mut stream: TcpStream, transport: &Transport) {
        let cause = TransportFault::ConnectionsUsedUp.entry().name;
        tracing::debug!(cause, "every connection is busy; turned one away");
        if matches!(transport, Transport::Tls(_)) {
            return;
        }
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            _ = bid_farewell(&mut stream, RESPONSE).await;
            drop(permit);
        });
    }
}

/// Writes a response to a request that is not read, and closes.
///
/// # Errors
/// Returns the error of the connection.
pub(super) async fn bid_farewell(stream: &mut TcpStream, response: &[u8]) -> io::Result<()> {
    let farewell = async {
        stream.write_all(response).await?;
        stream.shutdown().await?;
        // Closing with unread bytes resets the connection, and the response might be lost with it.
        while stream.read(&mut [0; 1024]).await? > 0 {}
        Ok(())
    };
    let farewell = tokio::time::timeout(PATIENCE, farewell).await;
    farewell.unwrap_or(Ok(()))
}
