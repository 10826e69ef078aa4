//! A provider that agrees to everything, until it is told that everything has ended.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::listen::{Limits, serve};
use crate::quickstart::demo::{DemoConfig, pages, router};

pub const ACCESS_TOKEN: &str = "canary_access_token";
pub const REFRESH_TOKEN: &str = "canary_refresh_token";

#[derive(Clone)]
pub struct FakeProvider {
    pub issuer: String,
    key: Arc<SigningKey>,
    state: Arc<Mutex<Answers>>,
}

struct Answers {
    name: String,
    nonce: String,
    ended: bool,
    token_requests: usize,
}

impl FakeProvider {
    pub async fn start() -> Self {
        let (provider, start) = Self::not_yet_up();
        start.await;
        provider
    }

    /// A provider at an address where nothing listens yet, and what starts it.
    pub fn not_yet_up() -> (Self, impl Future<Output = ()> + Send) {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        let provider = Self {
            issuer: format!("http://{address}"),
            key: Arc::new(
                SigningKey::generate(SignatureAlgorithm::RS256).expect("it is generated"),
            ),
            state: Arc::new(Mutex::new(Answers {
                name: "Alice Example".to_owned(),
                nonce: String::new(),
                ended: false,
                token_requests: 0,
            })),
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        let start = async move {
            let listener = TcpListener::bind(address).await.expect("it is still free");
            tokio::spawn(serve(
                listener,
                routes,
                Limits::default(),
                std::future::pending(),
            ));
        };
        (provider, start)
    }

    pub fn demo(&self) -> Router {
        router(DemoConfig {
            issuer: self.issuer.clone(),
            client_id: "demo".to_owned(),
            client_secret: Some("client's secret".into()),
            base_url: "http://127.0.0.1:8081".parse().expect("a URL"),
        })
    }

    /// What the browser comes back with from this authorization request.
    pub fn agree(&self, authorization: &str) -> String {
        let url: Url = authorization.parse().expect("a URL");
        let parameter = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs
                .find(|(found, _)| found == name)
                .expect("it was sent")
                .1
                .into_owned()
        };
        assert_eq!(parameter("redirect_uri"), "http://127.0.0.1:8081/callback");
        self.state.lock().nonce = parameter("nonce");
        format!(
            "/callback?code=c&state={}&iss={}",
            parameter("state"),
            self.issuer
        )
    }

    pub fn set_name(&self, name: &str) {
        name.clone_into(&mut self.state.lock().name);
    }

    pub fn end_everything(&self) {
        self.state.lock().ended = true;
    }

    pub fn token_requests(&self) -> usize {
        self.state.lock().token_requests
    }
}

async fn configuration(State(provider): State<FakeProvider>) -> Response {
    let issuer = &provider.issuer;
    answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

async fn jwks(State(provider): State<FakeProvider>) -> Response {
    let key = provider
        .key
        .public_jwk()
        .expect("it has a public half")
        .clone();
    answer(
        StatusCode::OK,
        &serde_json::to_value(JwkSet::new(vec![key])).expect("it is JSON"),
    )
}

async fn token(State(provider): State<FakeProvider>, form: String) -> Response {
    let mut state = provider.state.lock();
    state.token_requests += 1;
    if state.ended {
        return answer(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
    }
    let now = pages::now();
    let mut claims = json!({
        "iss": provider.issuer, "sub": "alice-1", "aud": "demo", "exp": now + 300, "iat": now,
        "auth_time": 1_700_000_000, "name": state.name,
    });
    if form.contains("grant_type=authorization_code") {
        claims["nonce"] = state.nonce.clone().into();
    }
    let id_token = provider
        .key
        .sign_jwt("JWT", claims.to_string().as_bytes())
        .expect("it is signed");
    answer(
        StatusCode::OK,
        &json!({
            "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 600,
            "refresh_token": REFRESH_TOKEN, "id_token": id_token,
        }),
    )
}

async fn userinfo(State(provider): State<FakeProvider>) -> Response {
    let state = provider.state.lock();
    if state.ended {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(
        StatusCode::OK,
        &json!({"sub": "alice-1", "name": state.name, "email": "alice@example.com"}),
    )
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
