//! The attack cases of RFC 9700, OWASP ASVS 5, WSTG and the published attacks on JWTs, under their
//! numbers in this project's catalogue. A binary of its own, beside the one of the endpoints. Each
//! expects the reaction that the specifications demand.

#[allow(
    dead_code,
    reason = "the endpoints' binary shares it, and each uses a part"
)]
#[path = "../api_tokens.rs"]
mod api_tokens;
#[allow(
    dead_code,
    reason = "the endpoints' binary shares it, and each uses a part"
)]
#[path = "../asserting.rs"]
mod asserting;
#[allow(
    dead_code,
    reason = "the endpoints' binary shares it, and each uses a part"
)]
#[path = "../device_flow.rs"]
mod device_flow;
#[allow(
    dead_code,
    reason = "the endpoints' binary shares it, and each uses a part"
)]
#[path = "../expect.rs"]
mod expect;
#[path = "../log.rs"]
mod log;
#[path = "../requesting.rs"]
mod requesting;
#[allow(
    dead_code,
    reason = "the endpoints' binary shares it, and each uses a part"
)]
#[path = "../logout/backchannel/stage.rs"]
mod stage;

mod browser;
mod changed_clients;
mod client_assertions;
mod client_authentication;
mod code_refresh;
mod consent;
mod cookies;
mod device;
mod documents;
mod duplicates;
mod foreign_tokens;
mod forms;
mod guessing;
mod headers;
mod identifiers;
mod jwt;
mod limits;
mod logout_tokens;
mod logs;
mod mutations;
mod own_pages;
mod personal_tokens;
mod pkce_parameters;
mod rebinding;
mod redirects;
mod refresh_reuse;
mod renewals;
mod request_objects;
mod resources;
mod silent;
mod skipped_consent;
mod ssrf;
mod timing;
mod unvouched;
