//! Outbound HTTP that can't be turned against the network it runs in.
//!
//! Providers and clients fetch addresses that strangers chose: a `jwks_uri`, a logo, a logout
//! endpoint. Everything of Countersign that leaves the machine goes through a [`Fetcher`], the only
//! place that uses an HTTP client. It connects to public addresses only (an [`AllowList`] names the
//! exceptions), follows no redirect, asks no proxy, and gives up on time-outs and sizes. See OWASP
//! ASVS 5 V15.3.2 and RFC 9700, section 4.14 for what it prevents.
//!
//! | module | what |
//! |---|---|
//! | [`policy`] | time-outs, sizes, exceptions, extra certificate authorities |
//! | [`allow_list`] | the hosts and networks that are reached although they aren't public |
//! | [`address`] | which addresses are public (IANA special-purpose registries) |
//! | [`resolver`] | name resolution; its result is checked as part of connecting |
//! | [`request`], [`response`] | a request and its response |
//! | [`error`] | why there is no response |
//!
//! ```no_run
//! use countersign_fetch::{Fetcher, Policy, Request};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let fetcher = Fetcher::new(Policy::default())?;
//! let response = fetcher.send(Request::get("https://op.example/jwks".parse()?)).await?;
//! if response.status == http::StatusCode::OK {
//!     let document = response.json()?;
//! #   let _ = document;
//! }
//! # Ok(())
//! # }
//! ```

pub mod address;
pub mod allow_list;
pub mod error;
pub mod policy;
pub mod request;
pub mod resolver;
pub mod response;

mod fetcher;
mod outbound;

pub use allow_list::AllowList;
pub use error::{FetchError, PolicyError};
pub use fetcher::Fetcher;
pub use http;
pub use outbound::Outbound;
pub use policy::Policy;
pub use request::Request;
pub use response::Response;
pub use url::Url;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
