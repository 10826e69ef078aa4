//! Which claims an account may have, of which type, and what is legible in them.

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
    #[error("the claim {0} contains a line break or another control character")]
    ControlCharacter(String),
}

impl ClaimFault {
    pub(super) fn wrong_type(claim: &str) -> Self {
        let claim = claim.to_owned();
        let expected = expected_type(&claim).unwrap_or("another type");
        Self::WrongType { claim, expected }
    }
}

/// Checks names, types, and that the text of a standard claim can be shown.
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
        if expected_type(name).is_some() && !is_legible(name, value) {
            return Err(ClaimFault::ControlCharacter(name.clone()));
        }
    }
    Ok(())
}

/// Whether a standard claim is free of control characters. It is shown on pages, in applications
/// and in terminals, each with its own idea of what such a character does. Lines of an address end
/// with CRLF or LF (OpenID Connect Core 1.0, section 5.1.1).
fn is_legible(name: &str, value: &Value) -> bool {
    let has_lines = matches!(name, "formatted" | "street_address");
    match value {
        Value::String(text) => {
            let text = match has_lines {
                true => text.replace("\r\n", "\n").replace('\n', ""),
                false => text.clone(),
            };
            !text.contains(char::is_control)
        }
        Value::Object(members) => members.iter().all(|(name, value)| is_legible(name, value)),
        _ => true,
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_standard_claim_is_text_without_control_characters() {
        for (claims, refused) in [
            (json!({"name": "Zoë Ångström"}), None),
            (json!({"name": "Alice\nAdams"}), Some("name")),
            (json!({"name": "\u{1b}[31mAlice"}), Some("name")),
            (json!({"nickname": "a\u{0}"}), Some("nickname")),
            (
                json!({"website": "https://a.example/\r\n"}),
                Some("website"),
            ),
            (json!({"phone_number": "+1\t2"}), Some("phone_number")),
            (json!({"name": "\u{85}"}), Some("name")),
            (
                json!({"address": {"locality": "Zürich\n"}}),
                Some("address"),
            ),
            (json!({"address": {"country": "CH\u{7f}"}}), Some("address")),
            (
                json!({"address": {"street_address": "a\rb"}}),
                Some("address"),
            ),
            // OpenID Connect Core 1.0, section 5.1.1: lines, with CRLF or LF between them.
            (
                json!({"address": {"formatted": "1 Way\r\nTown\nLand"}}),
                None,
            ),
            (
                json!({"address": {"street_address": "1 Way\nFlat 2"}}),
                None,
            ),
            // The operator's own.
            (json!({"motd": "two\nlines"}), None),
        ] {
            let map = claims.as_object().expect("an object");
            let expected = match refused {
                Some(name) => Err(ClaimFault::ControlCharacter(name.to_owned())),
                None => Ok(()),
            };
            assert_eq!(check_claims(map), expected, "{claims}");
        }
    }
}
