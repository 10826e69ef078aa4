//! A small provider on a port of its own that replies as each test tells it to, and remembers what
//! it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use countersign_client::registration::ClientAuthentication;
use countersign_client::{
    Authorization, AuthorizationResponse, CallbackError, Client, Fetcher, Policy, Registration,
    TokenError, TokenSet,
};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::JwkSet;
use countersign_jose::key::SigningKey;
use serde_json::{Map, Value, json};

/// The clock of every client in these tests, in Unix seconds.
pub const NOW: i64 = 1_800_000_000;
pub const CLIENT_ID: &str = "shop";
pub const CLIENT_SECRET: &str = "canary secret: +&%";
pub const REDIRECT_URI: &str = "https://shop.example/callback";
pub const SUBJECT: &str = "alice-248289761001";
pub const ACCESS_TOKEN: &str = "canary_access_token";
pub const REFRESH_TOKEN: &str = "canary_refresh_token";

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    state: Arc<Mutex<Shared>>,
}

/// What it replies, and what it saw.
pub struct Shared {
    pub metadata: Value,
    pub keys: Vec<Arc<SigningKey>>,
    pub token: Reply,
    pub userinfo: Reply,
    pub jwks_fetches: usize,
    pub token_requests: Vec<(HeaderMap, HashMap<String, String>)>,
    pub userinfo_requests: Vec<HeaderMap>,
}

#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub media_type: &'static str,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            media_type: "application/json",
            body: body.to_string(),
        }
    }
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let issuer = format!("http://127.0.0.1:{port}");
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_response_iss_parameter_supported": true,
        });
        let unset = Reply::json(500, &json!({}));
        let shared = Shared {
            metadata,
            keys: vec![signing_key("first")],
            token: unset.clone(),
            userinfo: unset,
            jwks_fetches: 0,
            token_requests: Vec::new(),
            userinfo_requests: Vec::new(),
        };
        let provider = Self {
            issuer,
            state: Arc::new(Mutex::new(shared)),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route(
                "/.well-known/oauth-authorization-server",
                get(configuration),
            )
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Shared) -> T) -> T {
        act(&mut self.state.lock().expect("no test panicked with it"))
    }

    pub fn key(&self) -> Arc<SigningKey> {
        self.with(|shared| Arc::clone(&shared.keys[0]))
    }

    /// A confidential client with ES256, at [`NOW`].
    pub async fn client(&self) -> Client {
        self.client_with(registration()).await
    }

    pub async fn client_with(&self, registration: Registration) -> Client {
        Client::discover(&self.issuer, registration, fetcher())
            .await
            .expect("it is discovered")
            .with_clock(|| NOW)
    }

    /// The claims of a flawless ID token for a request with this nonce.
    pub fn claims(&self, nonce: &str) -> Map<String, Value> {
        let claims = json!({
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "exp": NOW + 300,
            "iat": NOW,
            "auth_time": NOW - 60,
            "nonce": nonce,
            "name": "Alice",
        });
        members(claims)
    }

    /// The members of a flawless token response.
    pub fn tokens(&self, id_token: &str) -> Value {
        json!({
            "access_token": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": 600,
            "refresh_token": REFRESH_TOKEN,
            "scope": "openid profile",
            "id_token": id_token,
        })
    }

    pub fn sign(&self, claims: &Map<String, Value>) -> String {
        sign(&self.key(), claims)
    }

    /// A sign-in whose ID token differs from a flawless one as the test says.
    pub async fn sign_in(
        &self,
        client: &Client,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<TokenSet, CallbackError> {
        self.sign_in_with_token(client, |nonce| {
            let mut claims = self.claims(nonce);
            change(&mut claims);
            self.sign(&claims)
        })
        .await
    }

    /// A sign-in with an ID token that the test makes from the nonce.
    pub async fn sign_in_with_token(
        &self,
        client: &Client,
        id_token: impl FnOnce(&str) -> String,
    ) -> Result<TokenSet, CallbackError> {
        let authorization = client
            .authorize()
            .scope("openid profile")
            .build()
            .expect("it is built");
        let nonce = query(&authorization, "nonce").expect("openid was asked for");
        let tokens = self.tokens(&id_token(&nonce));
        self.with(|shared| shared.token = Reply::json(200, &tokens));
        let response = self.response(&authorization);
        client.callback(authorization.pending, response).await
    }

    /// What the browser brings back after everything went well.
    pub fn response(&self, authorization: &Authorization) -> AuthorizationResponse {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", "canary_code")
            .append_pair("state", authorization.pending.state())
            .append_pair("iss", &self.issuer)
            .finish();
        AuthorizationResponse::from_query(&query).expect("it is read")
    }
}

pub fn registration() -> Registration {
    Registration::confidential(CLIENT_ID, CLIENT_SECRET)
        .redirect_uri(REDIRECT_URI)
        .id_token_signed_response_alg(SignatureAlgorithm::ES256)
}

pub fn public_registration() -> Registration {
    registration().authentication(ClientAuthentication::None)
}

pub fn fetcher() -> Fetcher {
    Fetcher::new(Policy::default().allow_loopback_http()).expect("it is made")
}

pub fn signing_key(kid: &str) -> Arc<SigningKey> {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).expect("it is generated");
    Arc::new(key.with_kid(kid).expect("it is short"))
}

pub fn sign(key: &SigningKey, claims: &Map<String, Value>) -> String {
    let json = serde_json::to_vec(claims).expect("it is JSON");
    key.sign_jwt("JWT", &json).expect("it is signed")
}

pub fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => panic!("not an object"),
    }
}

/// One parameter of the address that the browser is sent to.
pub fn query(authorization: &Authorization, name: &str) -> Option<String> {
    let mut pairs = authorization.url.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

/// The stable name of the cause of a sign-in that must fail.
pub fn cause(result: Result<TokenSet, CallbackError>) -> &'static str {
    result.expect_err("it must be refused").code()
}

pub fn token_cause(result: Result<TokenSet, TokenError>) -> &'static str {
    result.expect_err("it must be refused").code()
}

async fn configuration(State(provider): State<Provider>) -> Response {
    provider.with(|shared| axum_json(shared.metadata.to_string()))
}

async fn jwks(State(provider): State<Provider>) -> Response {
    provider.with(|shared| {
        shared.jwks_fetches += 1;
        let public = |key: &Arc<SigningKey>| key.public_jwk().expect("it has one").clone();
        let set: JwkSet = shared.keys.iter().map(public).collect();
        axum_json(serde_json::to_string(&set).expect("it is JSON"))
    })
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    provider.with(|shared| {
        let form = form_urlencoded::parse(&body).into_owned().collect();
        shared.token_requests.push((headers, form));
        respond(&shared.token)
    })
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    provider.with(|shared| {
        shared.userinfo_requests.push(headers);
        respond(&shared.userinfo)
    })
}

fn axum_json(body: String) -> Response {
    ([("content-type", "application/json")], body).into_response()
}

fn respond(reply: &Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).expect("a status");
    (
        status,
        [("content-type", reply.media_type)],
        reply.body.clone(),
    )
        .into_response()
}
