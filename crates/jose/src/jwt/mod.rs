//! Typed JSON Web Tokens (RFC 7519, RFC 8725): what a verified token says, held against what is
//! expected of it.

mod claims;
mod error;
mod expectation;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use claims::RegisteredClaims;
pub use error::{JwtError, MAX_EXCERPT_BYTES};
pub use expectation::Expectation;

use crate::json;
use crate::jws::{CompactJws, Header, VerifiedJws};
use crate::key::VerifyingKey;

/// Decodes a token, checks its signature under `key`, and its claims as [`decode_verified`] does.
///
/// # Errors
/// Returns a [`JwtError`] for the first check that fails.
pub fn verify<T: DeserializeOwned>(
    token: &str,
    key: &VerifyingKey,
    expectation: &Expectation,
    now: i64,
) -> Result<VerifiedJwt<T>, JwtError> {
    let jws = CompactJws::decode(token)?.verify(key)?;
    decode_verified(jws, expectation, now)
}

/// Reads the claims of a JWS that was verified and checks them against `expectation` at `now` (Unix
/// seconds).
///
/// `T` is what the caller wants of the claims: a struct of its own or
/// `serde_json::Map<String, Value>`.
///
/// # Errors
/// Returns a [`JwtError`] for the first check that fails, in this order: type, form of the claims,
/// issuer, audience, subject, times.
pub fn decode_verified<T: DeserializeOwned>(
    jws: VerifiedJws,
    expectation: &Expectation,
    now: i64,
) -> Result<VerifiedJwt<T>, JwtError> {
    expectation.check_typ(jws.header())?;
    let members = json::parse_object(jws.payload()).map_err(JwtError::ClaimsJson)?;
    let registered = RegisteredClaims::read(&members)?;
    expectation.check(&registered, now)?;
    let claims = T::deserialize(Value::Object(members))
        .map_err(|error| unexpected::<T>(jws.payload(), &error))?;
    Ok(VerifiedJwt {
        header: jws.into_header(),
        registered,
        claims,
    })
}

/// Names the claim that does not match. serde's own message may quote the value, which must not be
/// logged.
fn unexpected<T: DeserializeOwned>(payload: &[u8], error: &serde_json::Error) -> JwtError {
    let message = error.to_string();
    if message.starts_with("missing field") {
        return JwtError::UnexpectedClaims(message);
    }
    let mut payload = serde_json::Deserializer::from_slice(json::without_byte_order_mark(payload));
    let path = match serde_path_to_error::deserialize::<_, T>(&mut payload) {
        Err(error) => error.path().to_string(),
        Ok(_) => ".".to_owned(),
    };
    JwtError::UnexpectedClaims(format!(
        "{} is not of the expected form",
        error::excerpt(&path)
    ))
}

/// A token whose signature and claims were checked. Only this module makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedJwt<T> {
    header: Header,
    registered: RegisteredClaims,
    claims: T,
}

impl<T> VerifiedJwt<T> {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims of RFC 7519, section 4.1.
    #[must_use]
    pub fn registered(&self) -> &RegisteredClaims {
        &self.registered
    }

    /// All claims, as the caller's type.
    #[must_use]
    pub fn claims(&self) -> &T {
        &self.claims
    }

    /// All claims, out of the proof.
    #[must_use]
    pub fn into_claims(self) -> T {
        self.claims
    }
}
