//! Names that lead elsewhere at every lookup, and servers that mean ill: for attack case 44.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_fetch::resolver::{Resolution, Resolver};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

/// Every name leads to the next of these addresses, and to the last from then on.
pub struct Rebinding(Mutex<VecDeque<IpAddr>>);

impl Rebinding {
    pub fn new(addresses: &[&str]) -> Rebinding {
        let addresses = addresses
            .iter()
            .map(|text| text.parse().expect("an address"));
        Rebinding(Mutex::new(addresses.collect()))
    }
}

impl Resolver for Rebinding {
    fn resolve(&self, _host: &str) -> Resolution {
        let mut left = self.0.lock().expect("not poisoned");
        let next = match left.len() {
            1 => left.front().copied(),
            _ => left.pop_front(),
        };
        Box::pin(std::future::ready(Ok(next.into_iter().collect())))
    }
}

/// What a listener has seen.
#[derive(Clone, Default)]
pub struct Seen(Arc<AtomicUsize>);

impl Seen {
    pub fn connections(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Counts connections and closes them.
pub async fn silent_listener(address: &str) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind(address).await.expect("binds");
    let address = listener.local_addr().expect("an address");
    let seen = Seen::default();
    let here = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            here.0.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    (address, seen)
}

/// The address of a server that sends `rest` after its first header and then a byte now and then.
pub async fn dripping(rest: &'static str) -> String {
    served(move |mut stream| async move {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{rest}");
        let mut sent = stream.write_all(head.as_bytes()).await;
        while sent.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            sent = stream.write_all(b" ").await;
        }
    })
    .await
}

/// The address of a server that never stops sending.
pub async fn endless() -> String {
    served(|mut stream| async move {
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let chunk = [b' '; 65_536];
        while sent.is_ok() {
            sent = stream.write_all(&chunk).await;
        }
    })
    .await
}

async fn served<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    format!("http://{address}/")
}
