//! An application that takes logout tokens, at a real socket of this machine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use countersign_fetch::{AllowList, Outbound, Policy};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::claims_of;

/// Listens until it is dropped.
pub struct Receiver {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    manner: Arc<Mutex<Manner>>,
    task: JoinHandle<()>,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Taken {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub fields: Vec<(String, String)>,
}

/// How it responds.
#[derive(Debug, Clone)]
struct Manner {
    status: u16,
    delay: Duration,
    /// Where redirects lead.
    location: String,
}

impl Receiver {
    pub async fn start() -> Receiver {
        Receiver::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// One that listens where another did.
    pub async fn start_at(address: SocketAddr) -> Receiver {
        let listener = TcpListener::bind(address).await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let manner = Arc::new(Mutex::new(Manner {
            status: 200,
            delay: Duration::ZERO,
            location: "/elsewhere".to_owned(),
        }));
        let (taken_here, manner_here) = (Arc::clone(&taken), Arc::clone(&manner));
        let router = Router::new().fallback(move |request| {
            let (taken, manner) = (Arc::clone(&taken_here), Arc::clone(&manner_here));
            take(request, taken, manner)
        });
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("serves");
        });
        Receiver {
            address,
            taken,
            manner,
            task,
        }
    }

    /// The address to register.
    pub fn uri(&self) -> String {
        format!("http://{}/logout", self.address)
    }

    /// From now on it responds with this status, after this time.
    pub fn responds(&self, status: u16, delay: Duration) {
        let mut manner = self.manner.lock().expect("not poisoned");
        (manner.status, manner.delay) = (status, delay);
    }

    /// Where it leads to with a status of a redirect.
    pub fn redirects(&self, location: &str) {
        self.manner.lock().expect("not poisoned").location = location.to_owned();
    }

    /// What has arrived so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("not poisoned").clone()
    }

    /// Waits, five seconds at most, until at least so many requests have arrived.
    pub async fn wait_for(&self, number: usize) -> Vec<Taken> {
        self.wait_at_most(Duration::from_secs(5), number).await
    }

    pub async fn wait_at_most(&self, limit: Duration, number: usize) -> Vec<Taken> {
        let all = async {
            while self.taken.lock().expect("not poisoned").len() < number {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(limit, all).await;
        let taken = self.taken();
        assert!(waited.is_ok(), "{} of {number} arrived", taken.len());
        taken
    }

    /// What a provider needs to reach it.
    pub fn outbound() -> Outbound {
        Outbound::new(Policy {
            allow: AllowList::loopback(),
            ..Policy::default()
        })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Taken {
    /// The logout token; panics unless it came as Back-Channel Logout, section 2.5, says.
    pub fn token(&self) -> &str {
        assert_eq!(self.method, Method::POST, "{self:?}");
        let [(name, token)] = &self.fields[..] else {
            panic!("one parameter: {self:?}");
        };
        assert_eq!(name, "logout_token", "{self:?}");
        token
    }

    pub fn claims(&self) -> Value {
        claims_of(self.token())
    }

    pub fn claim(&self, name: &str) -> String {
        let claims = self.claims();
        claims[name].as_str().expect("a text").to_owned()
    }
}

async fn take(
    request: Request<axum::body::Body>,
    taken: Arc<Mutex<Vec<Taken>>>,
    manner: Arc<Mutex<Manner>>,
) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let fields = form_urlencoded::parse(&body).into_owned().collect();
    taken.lock().expect("not poisoned").push(Taken {
        method: parts.method,
        path: parts.uri.to_string(),
        headers: parts.headers,
        fields,
    });
    let Manner {
        status,
        delay,
        location,
    } = manner.lock().expect("not poisoned").clone();
    tokio::time::sleep(delay).await;
    let status = StatusCode::from_u16(status).expect("a status");
    match status.is_redirection() {
        true => (status, [(header::LOCATION, location)]).into_response(),
        false => status.into_response(),
    }
}
