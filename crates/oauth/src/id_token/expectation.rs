//! What the verifier of an ID token knows from the request that led to it.

use countersign_jose::alg::SignatureAlgorithm;

/// Created with [`IdTokenExpectation::new`], and extended with what else the request demanded.
/// Times are in seconds.
#[derive(Clone, Copy)]
pub struct IdTokenExpectation<'a> {
    /// The provider's issuer identifier, octet by octet.
    pub issuer: &'a str,
    pub client_id: &'a str,
    /// Audiences that `aud` may contain in addition to the client.
    pub trusted_audiences: &'a [&'a str],
    /// The algorithms that the client registered or expects.
    pub algorithms: &'a [SignatureAlgorithm],
    /// The secret that makes HS256 and the other MACs verifiable (OpenID Connect Core, section
    /// 10.1). Without one they are refused.
    pub client_secret: Option<&'a [u8]>,
    pub nonce: NonceRule<'a>,
    /// The `max_age` that was asked for; then `auth_time` must be there.
    pub max_age_seconds: Option<i64>,
    /// Whether `auth_time` was asked for in another way (`require_auth_time`).
    pub require_auth_time: bool,
    /// If not empty, `acr` must be one of these.
    pub acr_values: &'a [&'a str],
    /// The access token that was returned with it; `at_hash`, if present, must match it.
    pub access_token: Option<&'a str>,
    /// Whether `at_hash` must be there: it must when both tokens came from the authorization
    /// endpoint (OpenID Connect Core, section 3.2.2.10).
    pub require_at_hash: bool,
    /// The code that the authorization endpoint returned with it; then `c_hash` must be present and
    /// match (OpenID Connect Core, section 3.3.2.11).
    pub code: Option<&'a str>,
    /// The subject that it must be about: after a refresh (OpenID Connect Core, section 12.2), or
    /// where a hint named one.
    pub subject: Option<&'a str>,
    /// How far the clocks may differ, in seconds.
    pub leeway_seconds: i64,
    /// How long ago `iat` may lie; `None` for no limit.
    pub max_token_age_seconds: Option<i64>,
}

/// What is expected of `nonce`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NonceRule<'a> {
    /// It was sent and must come back (OpenID Connect Core, sections 3.1.3.7 and 11).
    Sent(&'a str),
    /// None was sent, so none may come.
    NotSent,
    /// After a refresh: it need not come, but must be the original one if it does (OIDC Core,
    /// section 12.2).
    AfterRefresh(Option<&'a str>),
}

impl<'a> IdTokenExpectation<'a> {
    /// only RS256 (OpenID Connect Core, section 3.1.3.7, point 7), no nonce, no leeway.
    pub fn new(issuer: &'a str, client_id: &'a str) -> Self {
        Self {
            issuer,
            client_id,
            trusted_audiences: &[],
            algorithms: &[SignatureAlgorithm::RS256],
            client_secret: None,
            nonce: NonceRule::NotSent,
            max_age_seconds: None,
            require_auth_time: false,
            acr_values: &[],
            access_token: None,
            require_at_hash: false,
            code: None,
            subject: None,
            leeway_seconds: 0,
            max_token_age_seconds: None,
        }
    }
}
