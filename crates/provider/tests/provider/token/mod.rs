//! The token endpoint (RFC 6749, sections 3.2 and 5, OpenID Connect Core, sections 3.1.3 and 12),
//! demand by demand.

mod authentication;
mod client_credentials;
mod formats;
mod json;
mod persisted;
mod refresh;
mod response;
