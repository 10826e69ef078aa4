//! The attack cases of RFC 9700, OWASP ASVS 5, WSTG and the published attacks on JWTs, under their
//! numbers in this project's catalogue. Each expects the reaction that the specifications demand.

mod accounts;
mod browser;
mod changed_clients;
mod client_authentication;
mod code_refresh;
mod cookies;
mod forms;
mod jwt;
mod limits;
mod logs;
mod mutations;
mod pkce_parameters;
mod redirects;
mod refresh_reuse;
