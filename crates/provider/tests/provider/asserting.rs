//! Clients that authenticate by an assertion, and the address at which one publishes its keys.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_fetch::{Outbound, Policy};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_certificate::ClientCertificate;
use countersign_testing::{Answer, ISSUER, Options, TestProvider};
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client's key, and two more that it may rotate to or that are a stranger's.
pub static KEYS: LazyLock<[SigningKey; 3]> = LazyLock::new(|| {
    [(); 3].map(|()| SigningKey::generate(SignatureAlgorithm::ES256).expect("a key"))
});

pub fn jwks(keys: &[&SigningKey]) -> Value {
    let public = |key: &&SigningKey| -> Value {
        let jwk = key.public_jwk().expect("asymmetric");
        serde_json::from_str(&jwk.to_public_json()).expect("JSON")
    };
    json!({ "keys": keys.iter().map(public).collect::<Vec<_>>() })
}

/// A provider that may fetch from this machine.
pub fn options() -> Options {
    Options {
        outbound: Outbound::new(Policy::default().allow_loopback_http()),
        ..Options::default()
    }
}

/// The client `asserting`, whose metadata has these members besides its method and grant type.
pub async fn add_client(op: &TestProvider, members: Value) {
    add_client_named(op, "asserting", members).await;
}

pub async fn add_client_named(op: &TestProvider, client_id: &str, members: Value) {
    let mut metadata = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
    });
    for (name, value) in members.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    let metadata = metadata.to_string();
    op.add_client_with(client_id, None, &metadata).await;
}

/// Claims that are right in every respect, with a `jti` of their own.
pub fn claims(op: &TestProvider) -> Value {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = op.provider.now();
    json!({
        "iss": "asserting", "sub": "asserting", "aud": ISSUER, "iat": now, "exp": now + 60,
        "jti": format!("assertion-{number}"),
    })
}

/// The same with one member set, or removed where the value is null.
pub fn with(mut claims: Value, member: &str, value: Value) -> Value {
    let members = claims.as_object_mut().expect("an object");
    match value.is_null() {
        true => members.remove(member),
        false => members.insert(member.to_owned(), value),
    };
    claims
}

pub fn signed(key: &SigningKey, claims: &Value) -> String {
    let claims = claims.to_string();
    key.sign_jwt("JWT", claims.as_bytes()).expect("signs")
}

/// A request for a token with an assertion and nothing else that says who the client is.
pub async fn present(op: &TestProvider, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    op.browser().post("/token", &form).await
}

/// A request for a token over a connection with this certificate.
pub async fn present_certificate(
    op: &TestProvider,
    client_id: &str,
    certificate: Option<ClientCertificate>,
) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={client_id}");
    let mut request = Request::new(form.into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/token".parse().expect("a path");
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert("content-type", form);
    if let Some(certificate) = certificate {
        request.extensions_mut().insert(certificate);
    }
    op.browser().send_request(request).await
}

/// An address on this machine that returns a set of keys.
pub struct KeyServer {
    pub uri: String,
    published: Arc<Published>,
}

struct Published {
    response: Mutex<(StatusCode, String)>,
    delay: Mutex<Duration>,
    location: Mutex<String>,
    requests: AtomicUsize,
}

impl KeyServer {
    pub async fn start(jwks: &Value) -> KeyServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let published = Arc::new(Published {
            response: Mutex::new((StatusCode::OK, jwks.to_string())),
            delay: Mutex::default(),
            location: Mutex::default(),
            requests: AtomicUsize::new(0),
        });
        let router = Router::new()
            .fallback(respond)
            .with_state(Arc::clone(&published));
        tokio::spawn(async move { axum::serve(listener, router).await });
        KeyServer {
            uri: format!("http://{address}/jwks.json"),
            published,
        }
    }

    /// What it returns from now on.
    pub fn publish(&self, status: u16, body: impl Into<String>) {
        let status = StatusCode::from_u16(status).expect("a status");
        *self.published.response.lock().expect("not poisoned") = (status, body.into());
    }

    /// How long it waits before it responds.
    pub fn delay(&self, delay: Duration) {
        *self.published.delay.lock().expect("not poisoned") = delay;
    }

    /// Where a status of a redirect leads to from now on.
    pub fn redirect(&self, location: &str) {
        location.clone_into(&mut self.published.location.lock().expect("not poisoned"));
    }

    /// How often it was asked.
    pub fn requests(&self) -> usize {
        self.published.requests.load(Ordering::SeqCst)
    }
}

async fn respond(State(published): State<Arc<Published>>) -> Response {
    published.requests.fetch_add(1, Ordering::SeqCst);
    let delay = *published.delay.lock().expect("not poisoned");
    tokio::time::sleep(delay).await;
    let response = published.response.lock().expect("not poisoned").clone();
    let location = published.location.lock().expect("not poisoned").clone();
    match response.0.is_redirection() {
        true => (response.0, [(header::LOCATION, location)]).into_response(),
        false => response.into_response(),
    }
}
