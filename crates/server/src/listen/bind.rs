//! Taking a port.

use std::io;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// How many connections may wait to be accepted. With tokio's own 128 a burst overflows the queue,
/// and each peer that is dropped there tries again only after a second.
const BACKLOG: u32 = 4096;

/// Listens on an address such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`: the first one
/// of its addresses that is free.
///
/// # Errors
/// Why the last of them can't be had: [`io::ErrorKind::AddrInUse`] where another program has it.
pub async fn bind(address: &str) -> io::Result<TcpListener> {
    let mut reason = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in lookup_host(address).await? {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A restart must not wait for the connections of the last run to be forgotten.
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}
