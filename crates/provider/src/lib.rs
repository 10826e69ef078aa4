#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! A [`Provider`] is a value without globals: settings, a store, keys, pages and a clock, made once
//! by [`Provider::builder`]. [`Provider::router`] has its addresses; `routes.rs` lists every URL,
//! [`catalogue`] every error on the wire, and each folder is an endpoint or a journey.

mod access_token;
mod account;
pub mod accounts;
mod authorization_request;
mod authorize;
mod builder;
pub mod catalogue;
mod client_auth;
mod client_documents;
mod client_keys;
mod client_signature;
mod clients;
mod consent;
mod demand;
mod device;
mod device_authorization;
mod device_request;
mod discovery;
mod document_address;
mod enabled_grant;
mod fetched_keys;
mod fetched_logos;
mod fetched_request_objects;
mod header_field;
mod health;
mod housekeeping;
mod id_token_hint;
mod initiate_login;
mod introspect;
mod journey;
mod keys;
mod login;
mod logos;
mod logout;
mod mtls_url;
pub mod offered;
pub mod pages;
pub mod personal_tokens;
mod provider;
mod readiness;
mod register;
mod released_claims;
pub mod resources;
mod revoke;
pub mod routes;
pub mod scopes;
pub mod sector_identifiers;
mod server_metadata;
pub mod service;
mod session_management;
pub mod settings;
mod setup;
mod shelf;
mod shown;
mod signed_response;
mod start_error;
mod subjects;
mod token;
mod userinfo;
mod wake;

pub use builder::ProviderBuilder;
pub use countersign_jose::{random, seal};
pub use countersign_management::passwords;
pub use countersign_oauth::issuer::Issuer;
pub use countersign_store::Store;
pub use countersign_store::events::OutboxLimits;
pub use countersign_store::memory::Memory;
pub use countersign_web::SiteSettings;
pub(crate) use countersign_web::{
    browser_secret, clock, error, exchange, log, respond, sealed_form, session, throttle,
};
pub use device_request::user_code::UserCode;
pub use housekeeping::{Housekeeping, HousekeepingSettings};
pub use provider::{Parts, Provider};
pub use start_error::StartError;
