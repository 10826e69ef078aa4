//! A TCP proxy that forwards a request and cuts off the response.
//!
//! It is between a store and its server. Once it is armed, it counts the pieces that the server
//! sends, lets the first ones pass, holds back the next one and closes that connection. Before it
//! closes, it may let something else happen.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Happening = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A listening proxy. It stops with this value.
pub struct Proxy {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
enum Plan {
    #[default]
    Pass,
    /// Let so many pieces pass, then cut.
    CutAfter(usize, Option<Happening>),
    Cut,
}

impl Proxy {
    /// Listens on a free loopback port, in front of `server`.
    pub async fn start(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let plan = Arc::new(Mutex::new(Plan::Pass));
        let shared = Arc::clone(&plan);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, server, Arc::clone(&shared)));
            }
        });
        Proxy {
            address,
            plan,
            accepting,
        }
    }

    /// Where the store connects.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on `pass` pieces of responses pass, and the next one is cut off; `happens` runs
    /// right before.
    pub fn cut_after(&self, pass: usize, happens: Option<Happening>) {
        *self.plan.lock() = Plan::CutAfter(pass, happens);
    }

    /// Whether the cut was made. Everything passes again.
    pub fn disarm(&self) -> bool {
        matches!(std::mem::take(&mut *self.plan.lock()), Plan::Cut)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn forward(client: TcpStream, server: SocketAddr, plan: Arc<Mutex<Plan>>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let requests = tokio::spawn(async move {
        // Either side may close; then the other is closed too.
        let _closed = copy(&mut from_client, &mut to_server).await;
    });
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_server.read(&mut piece).await {
        if let Some(happens) = is_cut(&plan) {
            if let Some(happens) = happens {
                happens.await;
            }
            break;
        }
        if to_client.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    requests.abort();
}

/// What happens before this piece is cut, if it is to be.
fn is_cut(plan: &Mutex<Plan>) -> Option<Option<Happening>> {
    let mut plan = plan.lock();
    match &mut *plan {
        Plan::CutAfter(0, happens) => {
            let happens = happens.take();
            *plan = Plan::Cut;
            Some(happens)
        }
        Plan::CutAfter(pass, _) => {
            *pass -= 1;
            None
        }
        Plan::Pass | Plan::Cut => None,
    }
}
