//! A host at which clients publish their metadata documents: https on this machine, under a
//! certificate that only those trust who are told its authority.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_fetch::{AllowList, Outbound, Policy};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Listens until it is dropped.
pub struct DocumentServer {
    port: u16,
    authority_pem: Vec<u8>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    /// The paths that were asked for.
    requests: Mutex<Vec<String>>,
}

/// What a path returns.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub delay: Duration,
}

impl Reply {
    pub fn json(document: &Value) -> Reply {
        Reply::new("application/json", document.to_string())
    }

    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status: 200,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
            delay: Duration::ZERO,
        }
    }

    #[must_use]
    pub fn status(self, status: u16) -> Reply {
        Reply { status, ..self }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn delay(self, delay: Duration) -> Reply {
        Reply { delay, ..self }
    }
}

impl DocumentServer {
    pub async fn start() -> DocumentServer {
        let authority_key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key).expect("signs");
        let issuer = Issuer::new(parameters, authority_key);
        let key = KeyPair::generate().expect("a key");
        let names = ["localhost", "documents.example"].map(str::to_owned);
        let certificate = CertificateParams::new(names)
            .and_then(|parameters| parameters.signed_by(&key, &issuer))
            .expect("signs");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("they fit");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("binds");
        let port = listener.local_addr().expect("an address").port();
        let shared: Arc<Shared> = Arc::default();
        let task = tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            Arc::clone(&shared),
        ));
        DocumentServer {
            port,
            authority_pem: authority.pem().into_bytes(),
            shared,
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// An address of this host, which is a client_id.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// What a path returns from now on.
    pub fn publish(&self, path: &str, reply: Reply) {
        let mut replies = self.shared.replies.lock().expect("not poisoned");
        replies.insert(path.to_owned(), reply);
    }

    /// Publishes a document, whose client_id is its own address, and returns that.
    pub fn publish_document(&self, path: &str, mut document: Value) -> String {
        let client_id = self.url(path);
        document["client_id"] = Value::from(client_id.as_str());
        self.publish(path, Reply::json(&document));
        client_id
    }

    /// From now on the path returns an error.
    pub fn withdraw(&self, path: &str) {
        self.publish(path, Reply::new("text/plain", "gone").status(404));
    }

    /// The paths that were asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().expect("not poisoned").clone()
    }

    /// The limits of a provider that may reach this host.
    pub fn policy(&self) -> Policy {
        Policy {
            allow: AllowList::loopback(),
            extra_ca_pem: Some(self.authority_pem.clone()),
            ..Policy::default()
        }
    }

    /// What a provider needs to reach it.
    pub fn outbound(&self) -> Outbound {
        Outbound::new(self.policy())
    }
}

impl Drop for DocumentServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut head = Vec::new();
            let mut part = [0; 1024];
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut part).await {
                    Ok(0) | Err(_) => return,
                    Ok(read) => head.extend(part.iter().take(read)),
                }
            }
            let head = String::from_utf8_lossy(&head);
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            shared
                .requests
                .lock()
                .expect("not poisoned")
                .push(path.clone());
            let reply = {
                let replies = shared.replies.lock().expect("not poisoned");
                let none = || Reply::new("text/plain", "nothing is here").status(404);
                replies.get(&path).cloned().unwrap_or_else(none)
            };
            tokio::time::sleep(reply.delay).await;
            let mut response = format!(
                "HTTP/1.1 {} Whatever\r\nconnection: close\r\ncontent-length: {}\r\n",
                reply.status,
                reply.body.len()
            );
            for (name, value) in &reply.headers {
                response.push_str(&format!("{name}: {value}\r\n"));
            }
            response.push_str("\r\n");
            // The other side may have given up.
            drop(stream.write_all(response.as_bytes()).await);
            drop(stream.write_all(&reply.body).await);
            drop(stream.shutdown().await);
        });
    }
}
