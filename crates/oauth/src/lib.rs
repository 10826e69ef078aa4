//! The vocabulary and the pure rules that every side of OAuth 2 and OpenID Connect shares.
//!
//! The provider, the client, the gateway and the resource server all read the same parameters,
//! compare the same redirect URIs and verify the same ID tokens, so these rules are written here
//! once. Nothing in this crate awaits, performs I/O, reads a clock or draws randomness of its own:
//! `now` (Unix seconds) and [`Random`](countersign_jose::random::Random) are arguments.
//! Cryptography belongs to `countersign-jose`.
//!
//! Each module is named after what a reader of the specifications would look for. A check returns
//! the value that it proved (`RegisteredRedirectUri`, `ValidClientMetadata`, `VerifiedIdToken`); a
//! refusal is a cause whose `code()` is stable and leads to its page in the documentation.

pub mod access_token;
pub mod acr;
pub mod audience;
pub mod basic_auth;
pub mod bearer;
pub mod claims;
pub mod client_assertion;
pub mod client_auth_method;
pub mod client_certificate;
pub mod client_id;
pub mod client_id_url;
pub mod client_metadata;
pub mod client_signature;
pub mod error_code;
pub mod flow_name;
pub mod grant_type;
pub mod id_token;
pub mod issuer;
pub mod key_source;
pub mod logout_token;
pub mod parameters;
pub mod pkce;
pub mod post_logout_redirect_uri;
pub mod prompt;
pub mod redirect_uri;
pub mod request_host;
pub mod request_object;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod scope;
pub mod server_metadata;
pub mod software_statement;

mod numeric_date;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
