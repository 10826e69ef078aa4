//! Which claims an account may have, and of which type.

use serde_json::{Map, Value};

/// What the account itself says, or the provider at each token: never a claim of the user's own.
const RESERVED: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "updated_at",
    "client_id",
    "scope",
    "cnf",
    "act",
];

/// OpenID Connect Core 1.0, section 5.1: the standard claims that are strings.
const STRINGS: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "email",
];

/// Why a claim can't be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    #[error("the claim {0} is set by the provider and can't belong to a user")]
    Reserved(String),
    #[error("the claim {claim} must be {expected}")]
    WrongType {
        claim: String,
        expected: &'static str,
    },
}

impl ClaimFault {
    pub(super) fn wrong_type(claim: &str) -> Self {
        let claim = claim.to_owned();
        let expected = expected_type(&claim).unwrap_or("another type");
        Self::WrongType { claim, expected }
    }
}

/// Checks names and types.
pub(super) fn check_claims(claims: &Map<String, Value>) -> Result<(), ClaimFault> {
    for (name, value) in claims {
        if RESERVED.contains(&name.as_str()) {
            return Err(ClaimFault::Reserved(name.clone()));
        }
        let fits = match expected_type(name) {
            Some(BOOLEAN) => value.is_boolean(),
            Some(OBJECT) => value.is_object(),
            Some(_) => value.is_string(),
            None => true,
        };
        // Null removes a claim, of whichever type.
        let fits = fits || value.is_null();
        if !fits {
            return Err(ClaimFault::wrong_type(name));
        }
    }
    Ok(())
}

/// Whether a standard claim is a string, whatever it looks like.
#[must_use]
pub fn is_string_claim(name: &str) -> bool {
    STRINGS.contains(&name)
}

const BOOLEAN: &str = "true or false";
const OBJECT: &str = "an object (OpenID Connect Core 1.0, section 5.1.1)";
const STRING: &str = "a string";

/// OpenID Connect Core 1.0, section 5.1: what type a standard claim has. The operator's own claims
/// may have any.
fn expected_type(claim: &str) -> Option<&'static str> {
    match claim {
        "email_verified" | "phone_number_verified" => Some(BOOLEAN),
        "address" => Some(OBJECT),
        string if STRINGS.contains(&string) => Some(STRING),
        _ => None,
    }
}
