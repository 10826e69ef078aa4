//! One address of a site: its path, its methods and their handlers, and whether scripts of other
//! origins may call it. An HTTP side lists its addresses in one table and makes its router of them.

use axum::handler::Handler;
use axum::middleware;
use axum::routing::MethodRouter;
use axum::{Router, extract::FromRef};
use http::{Method, StatusCode};

use crate::Site;
use crate::cors::allow_any_origin;
use crate::guard::guard;
use crate::not_found::method_not_allowed;

/// One address: its methods and what handles them. `S` is the router's state.
pub struct Address<S> {
    pub path: &'static str,
    pub methods: Vec<Method>,
    pub place: Place,
    open_to_scripts: bool,
    handlers: MethodRouter<S>,
}

/// Where an address is, if the issuer has a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Below the issuer's path.
    BelowIssuer,
    /// At the host's root, followed by the issuer's path (RFC 8414, section 3), and also below the
    /// issuer's path (OpenID Connect Discovery 1.0, section 4).
    WellKnown,
    /// At the host's root and also below the issuer's path: a probe asks the host.
    HealthCheck,
}

impl<S> Address<S>
where
    S: Clone + Send + Sync + 'static,
    Site: FromRef<S>,
{
    /// An address that programs call, including the scripts of web pages. No cookie is ever read
    /// there, so scripts of any origin may call it, and browsers send no credentials with them.
    pub fn program(path: &'static str) -> Address<S> {
        Address {
            open_to_scripts: true,
            ..Address::page(path)
        }
    }

    /// An address that people open.
    pub fn page(path: &'static str) -> Address<S> {
        Address {
            path,
            methods: Vec::new(),
            place: Place::BelowIssuer,
            open_to_scripts: false,
            handlers: MethodRouter::new(),
        }
    }

    /// Puts the address elsewhere than below the issuer.
    #[must_use]
    pub fn at(self, place: Place) -> Address<S> {
        Address { place, ..self }
    }

    /// Handles GET, and HEAD with it.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(mut self, handler: H) -> Address<S> {
        self.methods.push(Method::GET);
        self.handlers = self.handlers.get(handler);
        self
    }

    /// Handles POST.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(mut self, handler: H) -> Address<S> {
        self.methods.push(Method::POST);
        self.handlers = self.handlers.post(handler);
        self
    }

    /// Handles PUT.
    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(mut self, handler: H) -> Address<S> {
        self.methods.push(Method::PUT);
        self.handlers = self.handlers.put(handler);
        self
    }

    /// Handles DELETE.
    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(mut self, handler: H) -> Address<S> {
        self.methods.push(Method::DELETE);
        self.handlers = self.handlers.delete(handler);
        self
    }

    /// The handlers, for a router.
    pub fn route(&self) -> MethodRouter<S> {
        let handlers = self.handlers.clone();
        match self.open_to_scripts {
            false => handlers,
            // A method that is not allowed is refused inside the layer, so that a script can read
            // that too.
            true => handlers
                .options(|| async { StatusCode::NO_CONTENT })
                .fallback(method_not_allowed)
                .layer(middleware::map_response(allow_any_origin)),
        }
    }
}

/// Finishes a router of a site: what is around every request of it, and the response to a method
/// that an address does not have.
pub fn guarded<S>(router: Router<S>, state: S) -> Router
where
    S: Clone + Send + Sync + 'static,
    Site: FromRef<S>,
{
    router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(
            Site::from_ref(&state),
            guard,
        ))
        .with_state(state)
}
