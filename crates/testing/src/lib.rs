//! For tests only: a provider in process, with a fixed clock, seeded randomness, personas, and a
//! browser that keeps cookies and fills in forms.
//!
//! Nothing here opens a socket: requests go through the real router.

mod browser;
mod clock;
mod personas;
mod provider;

pub use browser::{Answer, Browser, claims_of};
pub use clock::FixedClock;
pub use personas::{ALICE, BOB, CLIENTS, ClientPersona, Person};
pub use provider::{ISSUER, Options, TestProvider, Tokens, VERIFIER, basic, challenge};
