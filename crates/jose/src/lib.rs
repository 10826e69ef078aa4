//! JOSE for Countersign: keys, signatures and typed tokens, and the few cryptographic primitives
//! that the other crates need.
//!
//! This is the only crate that uses a cryptographic backend (aws-lc-rs). It never awaits, does no
//! I/O and has no clock: time is an argument, `now: i64` (Unix seconds).
//!
//! | module | what | source |
//! |---|---|---|
//! | [`alg`] | signature algorithms by wire name | RFC 7518, section 3.1; RFC 8037, RFC 8812 |
//! | [`jwk`] | JSON Web Keys, sets, thumbprints | RFC 7517, RFC 7638, RFC 8037 |
//! | [`key`] | keys parsed once, bound to one algorithm | RFC 7518, RFC 8725, section 3.1 |
//! | [`jws`] | JWS compact serialisation | RFC 7515 |
//! | [`jwt`] | typed JWTs and what is expected of them | RFC 7519, RFC 8725 |
//! | [`seal`] | blobs sealed at rest | XAES-256-GCM |
//! | [`digest`], [`random`], [`base64url`], [`json`] | hashing, MACs, randomness, decoding | |
//!
//! Not here yet, each with its place kept free: encryption (JWE, RFC 7516) will be the module `jwe`
//! beside [`jws`], with `alg` growing a key-management enum; ML-DSA signatures (RFC 9964) will be
//! further rows of [`alg::SignatureAlgorithm`] and the key type `AKP` in [`jwk`]; the JSON
//! serialisations (RFC 7515, section 7.2) will be a second file beside `jws/compact.rs`.

pub mod alg;
pub mod base64url;
pub mod digest;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod key;
pub mod random;
pub mod seal;

mod constant_time;

pub use constant_time::constant_time_eq;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
