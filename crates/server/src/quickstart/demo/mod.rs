//! The demo application: the smallest complete relying party, on the `client` crate alone. Copy it
//! for your first application.
//!
//! It signs people in with the authorization code flow and PKCE ([OpenID Connect Core, section
//! 3.1]), keeps what it learns in a session of its own, refreshes, and signs out at the provider
//! too. No token ever reaches the browser: there it has an opaque cookie. Nothing of it knows the
//! provider's insides: it would work with any other.
//!
//! | file | what |
//! |---|---|
//! | `provider.rs` | finds the provider, waiting until it is up |
//! | `sign_in.rs` | `/sign-in` and `/callback` |
//! | `home.rs`, `claims.rs` | `/`: who is signed in, and what the tokens say |
//! | `refresh.rs`, `sign_out.rs` | the two buttons |
//! | `sessions.rs` | which browser is whose |
//! | `pages.rs`, `templates/` | HTML and its headers |
//! | `problem.rs` | what went wrong, and what to do |
//!
//! [OpenID Connect Core, section 3.1]: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth

mod claims;
mod home;
mod pages;
mod problem;
mod provider;
mod refresh;
mod sessions;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use countersign_client::ClientSecret;
use url::Url;

use provider::Provider;
use sessions::Sessions;

/// What the provider and the application agreed on when the client was registered.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// The provider, exactly as it names itself: `http://localhost:8080`.
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client.
    pub client_secret: Option<ClientSecret>,
    /// Where this application is: `http://127.0.0.1:8081`. Of another host name than the provider,
    /// so that their cookies don't mix.
    pub base_url: Url,
}

impl DemoConfig {
    /// To be registered as one of the client's `redirect_uris`.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.address("/callback")
    }

    /// To be registered as one of the client's `post_logout_redirect_uris`.
    #[must_use]
    pub fn post_logout_redirect_uri(&self) -> String {
        self.address("/signed-out")
    }

    fn address(&self, path: &str) -> String {
        let mut url = self.base_url.clone();
        url.set_path(path);
        url.into()
    }
}

/// Every address of the application. The provider need not be up yet.
pub fn router(config: DemoConfig) -> Router {
    let demo = Demo {
        sessions: Sessions::new(&config.base_url),
        provider: Provider::new(config.clone()),
        config,
    };
    Router::new()
        .route("/", get(home::home))
        .route("/sign-in", get(sign_in::sign_in))
        .route("/callback", get(sign_in::callback))
        .route("/refresh", post(refresh::refresh))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/signed-out", get(sign_out::signed_out))
        .route("/style.css", get(pages::style))
        .fallback(pages::not_found)
        .with_state(Arc::new(demo))
}

/// What every request shares.
struct Demo {
    config: DemoConfig,
    provider: Provider,
    sessions: Sessions,
}
