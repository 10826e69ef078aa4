//! Access tokens that come back: who presents one, and what is accepted.
//!
//! | step | where |
//! |---|---|
//! | find the token in a request (RFC 6750, section 2) | `presented` |
//! | check it, opaque or JWT (RFC 9068, section 4), and everything above it | `accept` |
//!
//! An endpoint that takes a token does both steps. Introspection, and callers that have a token
//! without a request, do only the second. `token/` issues tokens.

mod accept;
pub mod fault;
mod presented;

pub use accept::{AcceptedAccessToken, NotAccepted, accept};
pub use fault::{AccessTokenFault, BearerFault};
pub use presented::presented;
