//! The checks of RFC 9068, section 4, the signature first: no claim of a token is read before it.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::NoSuitableKey;
use countersign_jose::jws::{CompactJws, JwsError};
use countersign_jose::jwt::{self, Expectation, JwtError};

use super::{ACCESS_TOKEN_TYP, AccessTokenClaims};
use crate::key_source::KeySource;

/// Verifies a JWT access token. `now` is in Unix seconds. Every fault is
/// `invalid_token` (RFC 9068, section 4; RFC 6750, section 3.1).
///
/// # Errors
/// Returns an [`AccessTokenFault`] for the first check that fails.
pub fn verify_jwt_access_token(
    access_token: &str,
    keys: &(impl KeySource + ?Sized),
    expectation: &AccessTokenExpectation<'_>,
    now: i64,
) -> Result<VerifiedAccessToken, AccessTokenFault> {
    // An expectation without audiences would not check aud at all.
    if expectation.audiences.is_empty() {
        return Err(AccessTokenFault::NoAudienceExpected);
    }
    // Encrypted tokens (five parts) are not supported yet.
    let jws = CompactJws::decode(access_token)?;
    let alg = jws.header().alg();
    // "The resource server MUST reject any JWT in which the value of alg is none"; MACs are refused
    // too, as anyone who can verify one can make one.
    if alg.is_symmetric() || !expectation.algorithms.contains(&alg) {
        return Err(AccessTokenFault::AlgorithmNotExpected { received: alg });
    }
    let key = keys
        .verifying_key(jws.header().kid(), alg)
        .map_err(AccessTokenFault::Key)?;
    let jws = jws.verify(&key)?;
    // typ, iss, aud, exp, and every claim that 2.2 requires.
    let verified = jwt::decode_verified::<AccessTokenClaims>(jws, &registered(expectation), now)?;
    let claims = verified.into_claims();
    if claims.sub.is_empty() || claims.client_id.is_empty() || claims.jti.is_empty() {
        return Err(AccessTokenFault::ClaimEmpty);
    }
    Ok(VerifiedAccessToken { claims, alg })
}

/// What a resource expects of the tokens that it accepts.
#[derive(Clone, Copy)]
pub struct AccessTokenExpectation<'a> {
    /// The issuer identifier, octet by octet.
    pub issuer: &'a str,
    /// The resource's own identifiers: `aud` must contain one of them.
    pub audiences: &'a [&'a str],
    pub algorithms: &'a [SignatureAlgorithm],
    /// How far the clocks may differ, in seconds.
    pub leeway_seconds: i64,
}

/// A JWT access token that passed every check. Only this module makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedAccessToken {
    claims: AccessTokenClaims,
    alg: SignatureAlgorithm,
}

impl VerifiedAccessToken {
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// The algorithm that it is signed with, one of the expected.
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    pub fn into_claims(self) -> AccessTokenClaims {
        self.claims
    }
}

fn registered(expectation: &AccessTokenExpectation<'_>) -> Expectation {
    let registered = Expectation::typed(ACCESS_TOKEN_TYP)
        .issuer(expectation.issuer)
        .leeway_seconds(expectation.leeway_seconds)
        .require(&["iss", "exp", "aud", "sub", "iat", "jti"]);
    expectation
        .audiences
        .iter()
        .fold(registered, |registered, audience| {
            registered.audience(*audience)
        })
}

/// Why a JWT access token was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenFault {
    #[error(transparent)]
    Jws(#[from] JwsError),
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// Perhaps the keys are stale; a refetch may help.
    #[error("no key verifies the access token: {0}")]
    Key(NoSuitableKey),
    #[error("the access token is signed with {received}, which is not expected here")]
    AlgorithmNotExpected { received: SignatureAlgorithm },
    #[error("the resource has no identifier that aud could contain")]
    NoAudienceExpected,
    #[error("sub, client_id or jti of the access token is empty")]
    ClaimEmpty,
}

impl AccessTokenFault {
    /// Whether no key of the set was meant: the issuer may have rotated its keys, and fetching them
    /// again may help.
    pub fn keys_may_be_stale(&self) -> bool {
        matches!(self, Self::Key(NoSuitableKey::None))
    }

    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jws(error) => error.name(),
            Self::Jwt(error) => error.name(),
            Self::Key(NoSuitableKey::None) => "access_token_key_unknown",
            Self::Key(NoSuitableKey::Ambiguous) => "access_token_key_ambiguous",
            Self::AlgorithmNotExpected { .. } => "access_token_alg_not_expected",
            Self::NoAudienceExpected => "access_token_no_audience_expected",
            Self::ClaimEmpty => "access_token_claim_empty",
        }
    }
}
