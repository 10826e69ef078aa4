//! Every URL, and what every answer carries.

use axum::Router;
use axum::extract::{FromRequest, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use countersign_jose::base64url;
use countersign_oauth::server_metadata::well_known_uris;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tracing::Instrument;

use crate::error::{Failure, RequestFault};
use crate::exchange::{Incoming, RequestId};
use crate::{
    Provider, authorize, consent, discovery, health, home, login, logout, setup, token, userinfo,
};

impl Provider {
    /// Every address of the provider, below the issuer's path.
    pub fn router(&self) -> Router {
        let prefix = self.issuer.path_prefix();
        let own = self.endpoints().merge(self.pages());
        let mut router = match prefix.is_empty() {
            true => own,
            false => Router::new().nest(prefix, own).merge(health_checks()),
        };
        for path in self.well_known_paths() {
            router = router.route(&path, self.open_to_scripts(get(discovery::configuration)));
        }
        router
            .fallback(home::not_found)
            .method_not_allowed_fallback(home::method_not_allowed)
            .layer(middleware::from_fn_with_state(self.clone(), guard))
            .with_state(self.clone())
    }

    /// What programs call.
    fn endpoints(&self) -> Router<Provider> {
        Router::new()
            .route("/token", self.open_to_scripts(post(token::endpoint)))
            .route(
                "/userinfo",
                self.open_to_scripts(get(userinfo::endpoint).post(userinfo::endpoint)),
            )
            .route("/jwks", self.open_to_scripts(get(discovery::jwks)))
            .route(
                "/.well-known/jwks.json",
                self.open_to_scripts(get(discovery::jwks)),
            )
            .merge(health_checks())
    }

    /// What people open.
    fn pages(&self) -> Router<Provider> {
        Router::new()
            .route("/", get(home::page))
            .route(
                "/authorize",
                get(authorize::endpoint).post(authorize::endpoint),
            )
            .route("/login", get(login::opened_by_hand).post(login::endpoint))
            .route(
                "/consent",
                get(login::opened_by_hand).post(consent::endpoint),
            )
            .route("/logout", get(logout::endpoint).post(logout::endpoint))
            .route("/setup", get(setup::page).post(setup::submit))
            .route("/errors/{cause}", get(home::cause_page))
            .route("/assets/{file}", get(home::asset))
    }

    /// RFC 8414 3 inserts the well-known part before the issuer's path, OIDC Discovery 4 appends
    /// it; both documents are at both places.
    fn well_known_paths(&self) -> Vec<String> {
        let origin = self.issuer.origin();
        let uris = well_known_uris(&self.issuer);
        uris.all()
            .iter()
            .filter_map(|uri| uri.strip_prefix(origin))
            .map(str::to_owned)
            .collect()
    }

    /// Endpoints that a web page's script may call: no cookie is ever read there, so any origin
    /// may, and none gets credentials along.
    fn open_to_scripts(
        &self,
        route: axum::routing::MethodRouter<Provider>,
    ) -> axum::routing::MethodRouter<Provider> {
        route
            .options(|| async { StatusCode::NO_CONTENT })
            .layer(middleware::map_response(allow_any_origin))
    }
}

fn health_checks() -> Router<Provider> {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
}

async fn allow_any_origin(mut response: Response) -> Response {
    let is_preflight = response.status() == StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("www-authenticate, x-request-id"),
    );
    if is_preflight {
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type",
            ),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// Around every request: an id, the host check on loopback, and the headers of every answer.
async fn guard(State(provider): State<Provider>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 12];
    provider.random.fill(&mut bytes);
    let id = base64url::encode(bytes);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = match is_host_allowed(&provider, &request) {
        true => {
            let span = tracing::info_span!("request", id = %id);
            next.run(request).instrument(span).await
        }
        false => host_refused(&provider, request).await,
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    harden(headers, provider.issuer.is_https());
    response
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

async fn host_refused(provider: &Provider, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let request = Request::from_parts(parts, axum::body::Body::empty());
    match Incoming::from_request(request, provider).await {
        Ok(incoming) => {
            let failure: Failure = RequestFault::HostNotAllowed.into();
            provider.error_json(&failure, &incoming.exchange)
        }
    }
}

/// On a loopback issuer only loopback names are answered: a web page that lets its own name point
/// to 127.0.0.1 must not reach us under it.
fn is_host_allowed(provider: &Provider, request: &Request) -> bool {
    if !provider.issuer.is_loopback() {
        return true;
    }
    let host = match request.headers().get(header::HOST) {
        Some(host) => host.to_str().unwrap_or(""),
        None => request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str()),
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let is_loopback = matches!(name.as_str(), "localhost" | "[::1]")
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback());
    is_loopback
        || provider
            .settings
            .additional_hosts
            .iter()
            .any(|host| host.eq_ignore_ascii_case(&name))
}

/// What no answer goes without.
fn harden(headers: &mut HeaderMap, https: bool) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if https {
        let value = HeaderValue::from_static("max-age=31536000");
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(value);
    }
}

/// Methods that an address has, for the documentation.
pub const ADDRESSES: &[(&str, &[Method])] = &[
    ("/authorize", &[Method::GET, Method::POST]),
    ("/token", &[Method::POST]),
    ("/userinfo", &[Method::GET, Method::POST]),
    ("/jwks", &[Method::GET]),
    ("/.well-known/jwks.json", &[Method::GET]),
    ("/.well-known/openid-configuration", &[Method::GET]),
    ("/.well-known/oauth-authorization-server", &[Method::GET]),
    ("/logout", &[Method::GET, Method::POST]),
    ("/login", &[Method::GET, Method::POST]),
    ("/consent", &[Method::GET, Method::POST]),
    ("/setup", &[Method::GET, Method::POST]),
    ("/healthz", &[Method::GET]),
    ("/readyz", &[Method::GET]),
];
