//! The rules of this crate, held against the sections that state them. A module per module.

mod access_token;
mod basic_auth;
mod bearer;
mod claims;
mod client_assertion;
mod client_certificate;
mod client_metadata;
mod flow_name;
mod id_token;
mod issuer;
mod parameters;
mod pkce;
mod prompt_and_errors;
mod redirect_uri;
mod request_host;
mod request_object;
mod requested_claims;
mod response;
mod scope;
mod server_metadata;
mod signed;
