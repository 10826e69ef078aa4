//! The token endpoint ([RFC 6749, section 3.2]): a file per grant type, and what they share: how
//! the client authenticates and how a response is read.
//!
//! [RFC 6749, section 3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2

mod authorization_code;
mod client_credentials;
mod endpoint;
mod error;
mod refresh_token;
mod response;

pub use client_credentials::ClientCredentialsRequest;
pub use error::TokenError;
pub use refresh_token::RefreshRequest;
pub use response::TokenSet;
