//! JSON Web Signature (RFC 7515), compact serialisation.
//!
//! Decoding checks the form and returns an unverified value, from which a key can be chosen;
//! verifying consumes it and returns the proof. No key is ever taken from the token: `jku`, `jwk`,
//! `x5u` and `x5c` are carried in the header's members, and nothing here looks at them.
//!
//! The JSON serialisations (RFC 7515, section 7.2) are not understood.

mod compact;
mod crit;
mod error;
mod header;

pub use compact::{CompactJws, DEFAULT_MAX_BYTES, VerifiedJws};
pub use error::JwsError;
pub use header::Header;
