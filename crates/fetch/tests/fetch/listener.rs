//! A listener that replies to every connection with the same bytes and remembers what it was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use countersign_fetch::{AllowList, Fetcher, Policy, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

#[derive(Clone, Default)]
pub struct Seen {
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Seen {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub async fn last_request(&self) -> String {
        self.requests
            .lock()
            .await
            .last()
            .cloned()
            .expect("a request came")
    }
}

/// How a reply is sent.
pub enum Reply {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// These bytes, then silence.
    ThenSilence(Vec<u8>),
    /// A head without a length, then bytes forever.
    Endless,
}

impl Reply {
    pub fn ok(body: &str) -> Self {
        Self::Bytes(
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    }

    pub fn raw(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

/// Starts a listener on 127.0.0.1; gives its port.
pub async fn listen(reply: Reply) -> (u16, Seen) {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let seen = Seen::default();
    let reply = Arc::new(reply);
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            shared.connections.fetch_add(1, Ordering::SeqCst);
            let (shared, reply) = (shared.clone(), Arc::clone(&reply));
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut chunk = [0; 4096];
                loop {
                    let read = stream.read(&mut chunk).await.unwrap_or(0);
                    request.extend_from_slice(&chunk[..read]);
                    if read == 0 || is_complete(&request) {
                        break;
                    }
                }
                shared
                    .requests
                    .lock()
                    .await
                    .push(String::from_utf8_lossy(&request).into_owned());
                match &*reply {
                    Reply::Bytes(bytes) => drop(stream.write_all(bytes).await),
                    Reply::ThenSilence(bytes) => {
                        drop(stream.write_all(bytes).await);
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                    Reply::Endless => {
                        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                        while sent.is_ok() {
                            sent = stream.write_all(&[b'x'; 4096]).await;
                        }
                    }
                }
            });
        }
    });
    (port, seen)
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

/// A policy for loopback with time-outs that a test can wait for.
pub fn loopback_policy() -> Policy {
    Policy {
        allow: AllowList::loopback(),
        connect_timeout: Duration::from_secs(2),
        total_timeout: Duration::from_secs(5),
        ..Policy::default()
    }
}

pub fn fetcher(policy: Policy) -> Fetcher {
    Fetcher::new(policy).expect("the policy is valid")
}

pub fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}
