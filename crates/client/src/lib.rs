//! The relying party: signs people in at any OpenID provider, and speaks OAuth 2 from the client's
//! end.
//!
//! ```no_run
//! use countersign_client::{
//!     AuthorizationResponse, Client, Fetcher, PendingAuthorization, Policy, Registration,
//! };
//!
//! # async fn example(
//! #     query: &str,
//! #     store: impl Fn(PendingAuthorization),
//! #     take: impl Fn(&str) -> Option<PendingAuthorization>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! // Once, at the start.
//! let registration = Registration::confidential("shop", "the client's secret")
//!     .redirect_uri("https://shop.example/callback");
//! // For a provider on this machine: `Policy::default().allow_loopback_http()`.
//! let fetcher = Fetcher::new(Policy::default())?;
//! let client = Client::discover("https://op.example", registration, fetcher).await?;
//!
//! // A person presses "Sign in": keep `pending` in their session, and send the browser to `url`.
//! let authorization = client.authorize().scope("openid profile").build()?;
//! store(authorization.pending);
//!
//! // The browser comes back to the redirect URI: take `pending` out of *that* browser's session.
//! let response = AuthorizationResponse::from_query(query)?;
//! let pending = response.state().and_then(take).ok_or("not begun in this browser")?;
//! let tokens = client.callback(pending, response).await?;
//! if let Some(id_token) = &tokens.id_token {
//!     println!("welcome, {}", id_token.subject());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What it always does: PKCE with S256, `state`, `nonce`, RFC 9207's `iss`, and the verification of
//! every ID token, whatever way it came. What it never does: implicit and hybrid flows,
//! `alg: none`, a request to an address that the [`Fetcher`](fetch::Fetcher)'s policy doesn't
//! reach. It keeps no sessions: which browser began a sign-in is for the application to remember
//! (RFC 9700, section 4.7.1).
//!
//! | module | what | source |
//! |---|---|---|
//! | [`discover`] | the provider's metadata | OIDC Discovery, RFC 8414 |
//! | [`registration`] | what the provider knows of this client | RFC 7591 |
//! | [`authorize`] | the authorization request | OpenID Connect Core, section 3.1.2.1; RFC 7636 |
//! | [`callback`] | the authorization response | RFC 6749, section 4.1.2; RFC 9207 |
//! | [`token`] | code exchange, refresh, client credentials | RFC 6749, sections 4.1.3, 6 and 4.4 |
//! | [`id_token`] | ID tokens, verified | OpenID Connect Core, sections 3.1.3.7 and 12.2 |
//! | [`keys`] | the provider's keys, cached | OpenID Connect Core, section 10.1.1 |
//! | [`userinfo`] | claims about the user | OpenID Connect Core, section 5.3 |
//! | [`logout`] | signing out at the provider too | OIDC RP-Initiated Logout |
//!
//! Every error is an enum of causes; `code()` gives its stable name. Secrets print as redacted.

pub mod authorize;
pub mod callback;
pub mod discover;
pub mod id_token;
pub mod keys;
pub mod logout;
pub mod pending;
pub mod provider_error;
pub mod registration;
pub mod secret;
pub mod token;
pub mod userinfo;

mod client;
mod clock;

pub use authorize::{Authorization, AuthorizationRequest, AuthorizeError};
pub use callback::{AuthorizationResponse, CallbackError};
pub use client::{Client, ConfigurationError};
pub use countersign_fetch as fetch;
pub use countersign_fetch::{FetchError, Fetcher, Policy, PolicyError, Url};
pub use discover::{DiscoveryError, discover, discover_oauth};
pub use id_token::{IdToken, IdTokenError, SignedInUser};
pub use logout::LogoutError;
pub use pending::PendingAuthorization;
pub use provider_error::ProviderError;
pub use registration::Registration;
pub use secret::{AccessToken, ClientSecret, RefreshToken};
pub use token::{TokenError, TokenSet};
pub use userinfo::{UserInfo, UserinfoError};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
