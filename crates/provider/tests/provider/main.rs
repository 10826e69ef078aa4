//! The provider over its real router: one file per endpoint or journey. The attacks are a binary of
//! their own.

mod account;
mod account_tokens;
mod acts_in_the_log;
#[allow(
    dead_code,
    reason = "the attacks' binary shares it, and each uses a part"
)]
mod api_tokens;
#[allow(
    dead_code,
    reason = "the attacks' binary shares it, and each uses a part"
)]
mod asserting;
mod authorize;
mod causes;
mod client_auth;
mod delegation;
mod device;
#[allow(
    dead_code,
    reason = "the attacks' binary shares it, and each uses a part"
)]
mod device_flow;
mod discovery;
mod enabled_grants;
mod errors;
#[allow(
    dead_code,
    reason = "the attacks' binary shares it, and each uses a part"
)]
mod expect;
mod gafaelfawr;
mod host;
mod initiate_login;
mod interactions;
mod introspect;
mod keys;
mod log;
mod logos;
mod logout;
mod mcp;
mod operator_endings;
mod pages;
mod pairwise;
mod personal_tokens;
mod preflight;
mod races;
mod register;
#[allow(
    dead_code,
    reason = "the attacks' binary shares it, and each uses a part"
)]
mod requesting;
mod resources;
mod revoke;
mod service;
mod session_management;
mod sessions;
mod setup;
mod sign_in;
mod software_statements;
mod stored_resources;
mod token;
mod unvouched_clients;
mod userinfo;
mod userinfo_signed;
mod vouching_races;
