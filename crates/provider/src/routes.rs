//! Every URL.

use axum::Router;
use axum::handler::Handler;
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use countersign_oauth::server_metadata::well_known_uris;
use countersign_web::guard::guard;
use http::{HeaderValue, Method, StatusCode, header};

use crate::{
    Provider, account, authorize, consent, discovery, health, home, login, logout, setup, token,
    userinfo,
};

impl Provider {
    /// Every address of the provider, the issuer's path included: to be merged into a host's
    /// router, beside its own `/` and its own fallback.
    pub fn router(&self) -> Router {
        let prefix = self.issuer.path_prefix();
        let mut outside = Router::new();
        for address in addresses() {
            let route = address.route();
            match address.place {
                Place::BelowIssuer => {}
                // A probe asks the host, not the issuer.
                Place::HealthCheck if prefix.is_empty() => {}
                Place::HealthCheck => outside = outside.route(address.path, route),
                Place::WellKnown => {
                    for path in self.well_known_paths(address.path) {
                        outside = outside.route(&path, route.clone());
                    }
                }
            }
        }
        let below = self.below_issuer();
        let router = match prefix.is_empty() {
            true => outside.merge(below),
            false => outside.nest(prefix, below),
        };
        self.guarded(router)
    }

    /// The addresses below the issuer's path, for a host that nests them there itself:
    /// `app.nest("/auth", provider.nested_router())`. What RFC 8414, section 3, places at the root
    /// of the host is not among them.
    pub fn nested_router(&self) -> Router {
        let mut below = self.below_issuer();
        for address in addresses() {
            if address.place == Place::WellKnown {
                below = below.route(address.path, address.route());
            }
        }
        self.guarded(below)
    }

    /// The router of a program that serves nothing else: `/` leads to the account page, and an
    /// address that nothing has is a page of ours.
    pub fn standalone_router(&self) -> Router {
        let own = Router::new()
            .route("/", get(home::page))
            .fallback(home::not_found);
        let own = match self.issuer.path_prefix() {
            "" => own,
            prefix => own.route(prefix, get(home::page)),
        };
        self.router().merge(self.guarded(own))
    }

    fn below_issuer(&self) -> Router<Provider> {
        let below = addresses()
            .into_iter()
            .filter(|address| address.place != Place::WellKnown);
        below.fold(Router::new(), |router, address| {
            router.route(address.path, address.route())
        })
    }

    fn guarded(&self, router: Router<Provider>) -> Router {
        router
            .method_not_allowed_fallback(home::method_not_allowed)
            .layer(middleware::from_fn_with_state(self.site.clone(), guard))
            .with_state(self.clone())
    }

    /// RFC 8414, section 3, inserts the well-known part before the issuer's path, OpenID Connect
    /// Discovery, section 4 appends it; either document is at both places.
    fn well_known_paths(&self, path: &str) -> Vec<String> {
        let origin = self.issuer.origin();
        let uris = well_known_uris(&self.issuer);
        uris.all()
            .iter()
            .filter_map(|uri| uri.strip_prefix(origin))
            .filter(|uri| uri.contains(path))
            .map(str::to_owned)
            .collect()
    }
}

/// Every address: what programs call, then what people open, then what probes ask.
pub fn addresses() -> Vec<Address> {
    let token = Address::program("/token").post(token::endpoint);
    let userinfo = Address::program("/userinfo")
        .get(userinfo::endpoint)
        .post(userinfo::endpoint);
    let well_known = |path| Address {
        place: Place::WellKnown,
        ..Address::program(path).get(discovery::configuration)
    };
    let probe = |path| Address {
        place: Place::HealthCheck,
        ..Address::page(path)
    };
    vec![
        token,
        userinfo,
        Address::program("/jwks").get(discovery::jwks),
        Address::program("/.well-known/jwks.json").get(discovery::jwks),
        well_known("/.well-known/openid-configuration"),
        well_known("/.well-known/oauth-authorization-server"),
        Address::page("/authorize")
            .get(authorize::endpoint)
            .post(authorize::endpoint),
        Address::page("/login")
            .get(login::opened_by_hand)
            .post(login::endpoint),
        Address::page("/consent")
            .get(login::opened_by_hand)
            .post(consent::endpoint),
        Address::page("/logout")
            .get(logout::endpoint)
            .post(logout::endpoint),
        Address::page("/setup").get(setup::page).post(setup::submit),
        Address::page("/account").get(account::endpoint),
        Address::page("/errors/{cause}").get(home::cause_page),
        Address::page("/assets/{file}").get(home::asset),
        probe("/healthz").get(health::healthz),
        probe("/readyz").get(health::readyz),
    ]
}

/// One address: its methods and what answers them.
pub struct Address {
    pub path: &'static str,
    pub methods: Vec<Method>,
    place: Place,
    open_to_scripts: bool,
    handlers: MethodRouter<Provider>,
}

/// Where an address stands, if the issuer has a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    BelowIssuer,
    WellKnown,
    HealthCheck,
}

impl Address {
    /// What programs call, a web page's script among them: no cookie is ever read there, so any
    /// origin may, and none gets credentials along.
    fn program(path: &'static str) -> Address {
        Address {
            open_to_scripts: true,
            ..Address::page(path)
        }
    }

    /// What people open.
    fn page(path: &'static str) -> Address {
        Address {
            path,
            methods: Vec::new(),
            place: Place::BelowIssuer,
            open_to_scripts: false,
            handlers: MethodRouter::new(),
        }
    }

    fn get<H: Handler<T, Provider>, T: 'static>(mut self, handler: H) -> Address {
        self.methods.push(Method::GET);
        self.handlers = self.handlers.get(handler);
        self
    }

    fn post<H: Handler<T, Provider>, T: 'static>(mut self, handler: H) -> Address {
        self.methods.push(Method::POST);
        self.handlers = self.handlers.post(handler);
        self
    }

    fn route(&self) -> MethodRouter<Provider> {
        let handlers = self.handlers.clone();
        match self.open_to_scripts {
            false => handlers,
            // A refused method is answered inside the layer, so that a script can read that too.
            true => handlers
                .options(|| async { StatusCode::NO_CONTENT })
                .fallback(home::method_not_allowed)
                .layer(middleware::map_response(allow_any_origin)),
        }
    }
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
            // No credentials go along, so any header may: what tracing or a protocol on top adds.
            // The asterisk stands for all but Authorization (Fetch, section 4.8).
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}
