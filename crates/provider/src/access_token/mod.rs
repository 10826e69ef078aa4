//! Access tokens that come back: who presents one, and what is accepted.
//!
//! | step | where |
//! |---|---|
//! | find the token in a request (RFC 6750, section 2) | `presented` |
//! | check it, opaque or JWT (RFC 9068, section 4), and everything above it | `accept` |
//!
//! An endpoint that a token opens takes both steps. Introspection, and whoever has a token without
//! a request, takes the second only. How tokens are made is `token/`.

mod accept;
pub mod fault;
mod presented;

pub use accept::accept;
pub use fault::{AccessTokenFault, BearerFault};
pub use presented::presented;
