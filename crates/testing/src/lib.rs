//! For tests only: a provider in process, with a fixed clock, seeded randomness, personas, and a
//! browser that keeps cookies and fills in forms.
//!
//! Requests to the provider go through the real router, without a socket. Only a [`Receiver`]
//! and a [`DocumentServer`], which the provider calls, open one.

mod answer;
mod browser;
mod clock;
mod document_server;
mod forgery;
mod observed_store;
mod operator;
mod personas;
mod provider;
mod receiver;
mod transcript;

pub use answer::{Answer, claims_of, header_of};
pub use browser::{Browser, form};
pub use clock::FixedClock;
pub use document_server::{DocumentServer, Reply};
pub use forgery::Forger;
pub use observed_store::{Breakage, ObservedStore};
pub use personas::{ALICE, BOB, CLIENTS, ClientPersona, Person, callback};
pub use provider::{ISSUER, Options, TestProvider, Tokens, VERIFIER, basic, challenge};
pub use receiver::{Receiver, Taken};
