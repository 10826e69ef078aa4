//! The authorization server and OpenID provider.
//!
//! A [`Provider`] is a value without globals: settings, a store, keys, pages and a clock, made once
//! by [`Provider::new`]; [`Provider::router`] answers its addresses. [`routes`] lists every URL,
//! [`catalogue`] every error on the wire, and each folder is an endpoint or a journey.

pub mod access_token;
pub mod account;
pub mod accounts;
pub mod authorization_request;
pub mod authorize;
pub mod catalogue;
pub mod client_auth;
pub mod clients;
pub mod consent;
pub mod demand;
pub mod discovery;
pub mod health;
pub mod home;
mod id_token_hint;
pub mod journey;
pub mod keys;
pub mod login;
pub mod logout;
pub mod offered;
pub mod pages;
mod provider;
mod readiness;
pub mod routes;
mod server_metadata;
pub mod service;
pub mod settings;
pub mod setup;
mod shown;
mod signing_algorithm;
mod start_error;
pub mod token;
pub mod userinfo;

pub use countersign_management::passwords;
pub(crate) use countersign_web::{
    browser_secret, clock, error, exchange, log, repost, respond, sealed_form, session, throttle,
};
pub use provider::{Ingredients, Parts, Provider};
pub use start_error::StartError;
