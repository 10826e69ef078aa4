//! Every URL.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use countersign_oauth::grant_type::GrantType;
use countersign_web::address::{Place, guarded};
use countersign_web::not_found::not_found;
use countersign_web::own_addresses::own_addresses;

use crate::journey::destination::OwnPage;
use crate::offered;
use crate::server_metadata::{CHECK_SESSION_IFRAME, MTLS_ENDPOINTS};
use crate::session_management::check_session_iframe;
use crate::{
    Provider, account, authorize, consent, device, device_authorization, discovery, health,
    initiate_login, introspect, login, logos, logout, register, respond, revoke, setup, token,
    userinfo,
};

/// An address of the provider.
pub type Address = countersign_web::address::Address<Provider>;

impl Provider {
    /// Every address of the provider, the issuer's path included: to be merged into a host's
    /// router, beside its own `/` and its own fallback.
    pub fn router(&self) -> Router {
        let prefix = self.issuer.path_prefix();
        let mut outside = Router::new();
        for address in self.addresses() {
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
        guarded(router, self.clone())
    }

    /// The addresses below the issuer's path, for a host that nests them there itself:
    /// `app.nest("/auth", provider.nested_router())`. What RFC 8414, section 3, places at the root
    /// of the host is not among them.
    pub fn nested_router(&self) -> Router {
        let mut below = self.below_issuer();
        for address in self.addresses() {
            if address.place == Place::WellKnown {
                below = below.route(address.path, address.route());
            }
        }
        guarded(below, self.clone())
    }

    /// The router of a program that serves nothing else: `/` leads to the account page, and an
    /// address that nothing has is a page of ours.
    pub fn standalone_router(&self) -> Router {
        let own = Router::new().route("/", get(home)).fallback(not_found);
        let own = match self.issuer.path_prefix() {
            "" => own,
            prefix => own.route(prefix, get(home)),
        };
        self.router().merge(guarded(own, self.clone()))
    }

    /// The router of a listener that asks for client certificates: the endpoints of
    /// `mtls_endpoint_aliases` (RFC 8705, section 5). No page is served there, because a browser
    /// would ask a person for a certificate.
    pub fn mtls_router(&self) -> Router {
        let addresses = self.addresses().into_iter();
        let aliased = addresses.filter(|address| {
            let mut paths = MTLS_ENDPOINTS.iter().map(|(_, path)| *path);
            paths.any(|path| path == address.path)
        });
        let below = aliased.fold(Router::new(), |router, address| {
            router.route(address.path, address.route())
        });
        let router = match self.issuer.path_prefix() {
            "" => below,
            prefix => Router::new().nest(prefix, below),
        };
        guarded(router.fallback(not_found), self.clone())
    }

    /// The addresses that this provider serves.
    fn addresses(&self) -> Vec<Address> {
        let (grants, registration) = (&self.settings.grants, &self.settings.registration);
        let is_served = |address: &Address| match address.path {
            "/authorize" => !offered::response_types(&self.settings).is_empty(),
            path if path.starts_with("/device") => grants.enables(GrantType::DeviceCode),
            path if path.starts_with("/register") => registration.enabled,
            _ => true,
        };
        let mut addresses = addresses();
        if self.settings.personal_tokens.enabled {
            let tokens = Address::page(account::tokens::ENDPOINT);
            addresses.push(
                tokens
                    .get(account::tokens::page)
                    .post(account::tokens::posted),
            );
        }
        if self.settings.compatibility.gafaelfawr_routes {
            addresses.extend(gafaelfawr_addresses());
        }
        addresses.retain(is_served);
        addresses
    }

    fn below_issuer(&self) -> Router<Provider> {
        let below = self
            .addresses()
            .into_iter()
            .filter(|address| address.place != Place::WellKnown);
        below.fold(Router::new(), |router, address| {
            router.route(address.path, address.route())
        })
    }

    /// RFC 8414, section 3, inserts the well-known part before the issuer's path, OpenID Connect
    /// Discovery, section 4 appends it; either document is at both places.
    fn well_known_paths(&self, path: &str) -> Vec<String> {
        let prefix = self.issuer.path_prefix();
        match prefix.is_empty() {
            true => vec![path.to_owned()],
            false => vec![format!("{path}{prefix}"), format!("{prefix}{path}")],
        }
    }
}

/// Every address: those that programs call, those that people open, the health checks, and those
/// that every site has ([`own_addresses`]).
pub fn addresses() -> Vec<Address> {
    let token = Address::program("/token").post(token::endpoint);
    let userinfo = Address::program("/userinfo")
        .get(userinfo::endpoint)
        .post(userinfo::endpoint);
    let well_known = |path| {
        let document = Address::program(path).get(discovery::configuration);
        document.at(Place::WellKnown)
    };
    let probe = |path| Address::page(path).at(Place::HealthCheck);
    let mut addresses = vec![
        token,
        userinfo,
        Address::program("/introspect").post(introspect::endpoint),
        Address::program("/revoke").post(revoke::endpoint),
        Address::program("/device_authorization").post(device_authorization::endpoint),
        Address::program("/register").post(register::register),
        Address::program("/register/{client_id}")
            .get(register::read)
            .put(register::replace)
            .delete(register::delete),
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
        Address::page(CHECK_SESSION_IFRAME).get(check_session_iframe),
        Address::page("/setup").get(setup::page).post(setup::submit),
        Address::page(device::ENDPOINT)
            .get(device::page)
            .post(device::entered),
        Address::page("/device/approval")
            .get(device::page)
            .post(device::approval::endpoint),
        Address::page("/account").get(account::endpoint),
        Address::page(initiate_login::ENDPOINT).get(initiate_login::endpoint),
        Address::page(logos::ENDPOINT).get(logos::endpoint),
        probe("/healthz").get(health::healthz),
        probe("/readyz").get(health::readyz),
    ];
    addresses.extend(own_addresses());
    addresses
}

/// Gafaelfawr's names for three of them (`compatibility.gafaelfawr_routes`).
pub fn gafaelfawr_addresses() -> Vec<Address> {
    vec![
        Address::page("/auth/openid/login")
            .get(authorize::endpoint)
            .post(authorize::endpoint),
        Address::program("/auth/openid/token").post(token::endpoint),
        Address::program("/auth/openid/userinfo")
            .get(userinfo::endpoint)
            .post(userinfo::endpoint),
    ]
}

/// GET / of a program that serves nothing else: a person who opens the issuer's own address wants
/// their account.
async fn home(State(provider): State<Provider>) -> Response {
    respond::redirect(&provider.page_path(OwnPage::Account.path()))
}
