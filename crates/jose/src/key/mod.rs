//! Keys, parsed once and bound to one algorithm (RFC 8725, section 3.1: a key MUST be used with
//! exactly one).
//!
//! [`SigningKey`] keeps its headers encoded; [`VerifyingKey`] knows nothing private. Neither can be
//! made for an algorithm that its key does not suit, so no token can choose one.

mod backend;
mod der;
mod error;
mod hmac_secret;
mod pem;
mod signing;
mod suits;
mod verifying;

pub use error::KeyError;
pub use signing::SigningKey;
pub use verifying::VerifyingKey;

pub(crate) use backend::{ec_point, is_ed25519_point};
pub(crate) use suits::{Operation, suits};
