//! The token endpoint (RFC 6749 3.2 and 5, OIDC Core 3.1.3 and 12), demand by demand.

mod authentication;
mod client_credentials;
mod formats;
mod json;
mod refresh;
mod response;
