//! Whether a user's claims have the types that OpenID Connect Core, section 5.1 gives them, and
//! none of the reserved names.

use serde_json::{Map, Value};
use url::Url;

use super::{ADDRESS_MEMBERS, ClaimKind, is_reserved, standard_claim};

/// Checks the claims before they are stored. Claims of the operator's own may have any JSON type.
///
/// # Errors
/// Returns a [`ClaimFault`] for the first claim that breaks a rule.
pub fn validate_claims(claims: &Map<String, Value>) -> Result<(), ClaimFault> {
    for (name, value) in claims {
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
            return Err(ClaimFault::Name);
        }
        if is_reserved(name) {
            return Err(ClaimFault::Reserved { name: name.clone() });
        }
        if let Some(claim) = standard_claim(name) {
            check(claim.kind, value).map_err(|expected| ClaimFault::WrongType {
                name: name.clone(),
                expected,
            })?;
        }
        if value.to_string().len() > MAX_VALUE_BYTES {
            return Err(ClaimFault::TooLarge { name: name.clone() });
        }
    }
    Ok(())
}

fn check(kind: ClaimKind, value: &Value) -> Result<(), &'static str> {
    let (fits, expected) = match kind {
        ClaimKind::Text => (value.is_string(), "a text"),
        ClaimKind::Boolean => (value.is_boolean(), "true or false"),
        ClaimKind::Time => (
            value.is_i64() || value.is_u64() || value.is_f64(),
            "a number: seconds since 1970",
        ),
        ClaimKind::Url => (
            value.as_str().is_some_and(is_web_url),
            "an http or https URL",
        ),
        ClaimKind::Email => (value.as_str().is_some_and(is_email), "an email address"),
        ClaimKind::Birthdate => (
            value.as_str().is_some_and(is_birthdate),
            "YYYY-MM-DD, 0000-MM-DD or YYYY",
        ),
        ClaimKind::Address => (
            is_address(value),
            "an object of texts such as street_address",
        ),
    };
    if fits { Ok(()) } else { Err(expected) }
}

fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Far from RFC 5322's whole grammar: something, one `@` as the last of its kind, something, no
/// white space.
fn is_email(text: &str) -> bool {
    let has_parts = text
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    has_parts && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_birthdate(text: &str) -> bool {
    let digits = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let within = |part: &str, max: u32| {
        digits(part, 2)
            && part
                .parse::<u32>()
                .is_ok_and(|number| (1..=max).contains(&number))
    };
    match text.split('-').collect::<Vec<_>>()[..] {
        [year] => digits(year, 4),
        [year, month, day] => digits(year, 4) && within(month, 12) && within(day, 31),
        _ => false,
    }
}

fn is_address(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        members.iter().all(|(name, value)| {
            ADDRESS_MEMBERS.contains(&super::base_name(name)) && value.is_string()
        })
    })
}

/// Why claims can't be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    #[error(
        "a claim's name is empty, longer than {MAX_NAME_BYTES} bytes, or contains a control character"
    )]
    Name,
    #[error("{name} belongs to the protocol and can't be an attribute of a user")]
    Reserved { name: String },
    #[error("{name} must be {expected}")]
    WrongType {
        name: String,
        expected: &'static str,
    },
    #[error("{name} is larger than {MAX_VALUE_BYTES} bytes")]
    TooLarge { name: String },
}

impl ClaimFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name => "claim_name",
            Self::Reserved { .. } => "claim_reserved",
            Self::WrongType { .. } => "claim_wrong_type",
            Self::TooLarge { .. } => "claim_too_large",
        }
    }
}

const MAX_NAME_BYTES: usize = 128;
const MAX_VALUE_BYTES: usize = 16_384;
