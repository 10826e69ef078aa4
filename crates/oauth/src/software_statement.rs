//! Software statements ([RFC 7591, section 2.3]): client metadata signed by an issuer that the
//! server trusts. It takes precedence over what the client says itself.
//!
//! [RFC 7591, section 2.3]: https://www.rfc-editor.org/rfc/rfc7591#section-2.3

use countersign_jose::json;
use countersign_jose::jwk::NoSuitableKey;
use countersign_jose::jws::{CompactJws, JwsError};
use countersign_jose::jwt::{self, Expectation, JwtError};
use serde_json::{Map, Value};

use crate::key_source::KeySource;

/// A statement that was parsed and is not verified yet.
pub struct SoftwareStatement<'a> {
    jws: CompactJws<'a>,
    issuer: String,
    claims: Map<String, Value>,
}

impl<'a> SoftwareStatement<'a> {
    /// Parses a statement.
    ///
    /// # Errors
    /// Returns a [`SoftwareStatementFault`] if it is no signed JWT, or has no `iss`.
    pub fn read(statement: &'a str) -> Result<Self, SoftwareStatementFault> {
        let jws = CompactJws::decode(statement)?;
        let claims = json::parse_object(jws.unverified_payload())
            .map_err(SoftwareStatementFault::ClaimsMalformed)?;
        let issuer = claims.get("iss").and_then(Value::as_str);
        let issuer = issuer
            .ok_or(SoftwareStatementFault::IssuerMissing)?
            .to_owned();
        Ok(Self {
            jws,
            issuer,
            claims,
        })
    }

    /// The claimed issuer, not verified.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The client metadata of a statement that was verified for this client before.
    #[must_use]
    pub fn unverified_members(self) -> Map<String, Value> {
        members(self.claims)
    }

    /// Verifies it under its issuer's keys, for the server with this issuer identifier, and returns
    /// its client metadata. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Returns a [`SoftwareStatementFault`] for the first check that fails.
    pub fn verify(
        &self,
        keys: &dyn KeySource,
        server: &str,
        now: i64,
    ) -> Result<Map<String, Value>, SoftwareStatementFault> {
        let (alg, kid) = (self.jws.header().alg(), self.jws.header().kid());
        if alg.is_symmetric() {
            return Err(SoftwareStatementFault::Mac);
        }
        let key = keys.verifying_key(kid, alg)?;
        let verified = self.jws.verified_by(&key)?;
        // It may be meant for every server. If it names some, this server must be one of them.
        let expectation = Expectation::typ_absent_or("JWT")
            .issuer(&*self.issuer)
            .leeway_seconds(LEEWAY_SECONDS);
        let expectation = match self.claims.contains_key("aud") {
            true => expectation.audience(server),
            false => expectation,
        };
        let verified = jwt::decode_verified::<Map<String, Value>>(verified, &expectation, now)?;
        Ok(members(verified.into_claims()))
    }
}

/// The claims that are client metadata.
fn members(mut claims: Map<String, Value>) -> Map<String, Value> {
    claims.retain(|name, _| !OF_THE_STATEMENT.contains(&name.as_str()));
    claims
}

/// Claims about the statement itself, not about the client (RFC 7519, section 4.1).
const OF_THE_STATEMENT: [&str; 8] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "software_statement",
];

const LEEWAY_SECONDS: i64 = 30;

/// Why a statement was refused: `invalid_software_statement` (RFC 7591, section 3.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoftwareStatementFault {
    #[error("its claims are no JSON object: {0}")]
    ClaimsMalformed(json::JsonError),
    #[error("it has no iss")]
    IssuerMissing,
    #[error("it has a MAC, which anyone who can check it can make")]
    Mac,
    #[error("none of its issuer's keys fits: {0}")]
    Key(#[from] NoSuitableKey),
    #[error(transparent)]
    Jws(#[from] JwsError),
    #[error(transparent)]
    Jwt(#[from] JwtError),
}
