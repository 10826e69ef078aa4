//! The standard claims about a user and which scope releases which ([OpenID Connect Core, sections
//! 5.1 and 5.4]), and the names that belong to the protocol and that no attribute of a user may
//! ever set.
//!
//! [OpenID Connect Core, sections 5.1 and 5.4]: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims

mod release;
mod requested;
mod validate;

pub use release::{ClaimsByScope, Wanted, release, releasing_scope};
pub use requested::{ClaimsParameter, ClaimsParameterFault, RequestedClaims};
pub use validate::{ClaimFault, validate_claims};

use crate::scope;

/// One claim of OpenID Connect Core, section 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardClaim {
    pub name: &'static str,
    pub kind: ClaimKind,
    /// The scope that releases it (OpenID Connect Core, section 5.4).
    pub scope: &'static str,
}

/// The JSON type and form of a claim's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    Text,
    /// A text that is an absolute http or https URL.
    Url,
    /// A text with an `@` between two others.
    Email,
    /// `YYYY`, `YYYY-MM-DD`, or `0000-MM-DD` where the year is kept back.
    Birthdate,
    Boolean,
    /// Seconds since 1970 as a number.
    Time,
    /// The object of OpenID Connect Core, section 5.1.1.
    Address,
}

/// Every standard claim but `sub`, in the order of the specification.
pub const STANDARD_CLAIMS: [StandardClaim; 19] = [
    claim("name", ClaimKind::Text, scope::PROFILE),
    claim("given_name", ClaimKind::Text, scope::PROFILE),
    claim("family_name", ClaimKind::Text, scope::PROFILE),
    claim("middle_name", ClaimKind::Text, scope::PROFILE),
    claim("nickname", ClaimKind::Text, scope::PROFILE),
    claim("preferred_username", ClaimKind::Text, scope::PROFILE),
    claim("profile", ClaimKind::Url, scope::PROFILE),
    claim("picture", ClaimKind::Url, scope::PROFILE),
    claim("website", ClaimKind::Url, scope::PROFILE),
    claim("email", ClaimKind::Email, scope::EMAIL),
    claim("email_verified", ClaimKind::Boolean, scope::EMAIL),
    claim("gender", ClaimKind::Text, scope::PROFILE),
    claim("birthdate", ClaimKind::Birthdate, scope::PROFILE),
    claim("zoneinfo", ClaimKind::Text, scope::PROFILE),
    claim("locale", ClaimKind::Text, scope::PROFILE),
    claim("phone_number", ClaimKind::Text, scope::PHONE),
    claim("phone_number_verified", ClaimKind::Boolean, scope::PHONE),
    claim("address", ClaimKind::Address, scope::ADDRESS),
    claim("updated_at", ClaimKind::Time, scope::PROFILE),
];

/// The members of `address` (OpenID Connect Core, section 5.1.1). All are texts.
pub const ADDRESS_MEMBERS: [&str; 6] = [
    "formatted",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
];

/// The standard claim of a name, which may carry a language tag (`family_name#ja-Kana-JP`, OIDC
/// Core, section 5.2).
pub fn standard_claim(name: &str) -> Option<&'static StandardClaim> {
    let base = base_name(name);
    STANDARD_CLAIMS.iter().find(|claim| claim.name == base)
}

/// Whether a name means something to the protocol, so that a user's attribute may not bear it.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&base_name(name))
}

/// A claim's name without its language tag.
pub(crate) fn base_name(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

const fn claim(name: &'static str, kind: ClaimKind, scope: &'static str) -> StandardClaim {
    StandardClaim { name, kind, scope }
}

/// RFC 7519, section 4.1; OpenID Connect Core, sections 2 and 5.6.2, RFC 9068, section 2.2; RFC
/// 8693, section 4; RFC 7800, section 3.1; RFC 7662, section 2.2, and the logout specifications.
const RESERVED: [&str; 34] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "cnf",
    "client_id",
    "scope",
    "act",
    "may_act",
    "events",
    "authorization_details",
    "token_introspection",
    "active",
    "token_type",
    "username",
    "typ",
    "sub_jwk",
    "sub_id",
    "trust_chain",
    "vot",
    "_claim_names",
    "_claim_sources",
];
