//! The registered claims (RFC 7519, section 4.1).

use serde_json::{Map, Value};

use super::JwtError;

/// `iss`, `sub`, `aud`, `exp`, `nbf`, `iat` and `jti`, each of the right type or absent. Times are
/// Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RegisteredClaims {
    pub iss: Option<String>,
    pub sub: Option<String>,
    /// The one string or the members of the array; empty if absent.
    pub aud: Vec<String>,
    /// True if `aud` came as an array.
    pub aud_is_array: bool,
    pub exp: Option<i64>,
    pub nbf: Option<i64>,
    pub iat: Option<i64>,
    pub jti: Option<String>,
}

impl RegisteredClaims {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, JwtError> {
        let (aud, aud_is_array) = audiences(members)?;
        Ok(Self {
            iss: string(members, "iss")?,
            sub: string(members, "sub")?,
            aud,
            aud_is_array,
            exp: numeric_date(members, "exp", Round::Down)?,
            nbf: numeric_date(members, "nbf", Round::Up)?,
            iat: numeric_date(members, "iat", Round::Down)?,
            jti: string(members, "jti")?,
        })
    }
}

fn string(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, JwtError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JwtError::MalformedClaim(name)),
    }
}

/// RFC 7519, section 4.1.3: an array of strings, or one string.
fn audiences(members: &Map<String, Value>) -> Result<(Vec<String>, bool), JwtError> {
    const MALFORMED: JwtError = JwtError::MalformedClaim("aud");
    match members.get("aud") {
        None => Ok((Vec::new(), false)),
        Some(Value::String(one)) => Ok((vec![one.clone()], false)),
        Some(Value::Array(values)) => {
            let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(MALFORMED);
            let audiences: Result<Vec<String>, JwtError> = values.iter().map(text).collect();
            Ok((audiences?, true))
        }
        Some(_) => Err(MALFORMED),
    }
}

/// A fraction is rounded so that the token's lifetime is shorter.
enum Round {
    Down,
    Up,
}

/// RFC 7519, section 2: seconds since the epoch, "non-integer values can be represented".
fn numeric_date(
    members: &Map<String, Value>,
    name: &'static str,
    round: Round,
) -> Result<Option<i64>, JwtError> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| {
        let seconds = value.as_f64()?;
        let seconds = match round {
            Round::Down => seconds.floor(),
            Round::Up => seconds.ceil(),
        };
        // Within the limits below the conversion is exact.
        (seconds.abs() <= LARGEST as f64).then_some(seconds as i64)
    });
    match whole {
        Some(seconds) if (-LARGEST..=LARGEST).contains(&seconds) => Ok(Some(seconds)),
        _ => Err(JwtError::MalformedClaim(name)),
    }
}

/// The largest whole number that every JSON reader keeps exactly (RFC 8259, section 6): 285 million
/// years.
const LARGEST: i64 = (1 << 53) - 1;
