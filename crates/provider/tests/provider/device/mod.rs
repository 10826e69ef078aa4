//! The device flow (RFC 8628).

mod approval;
mod authorization;
mod changed_clients;
mod code_page;
mod json;
mod polling;
