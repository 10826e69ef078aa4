//! The protected header (RFC 7515, section 4).

use serde_json::{Map, Value};

use super::{JwsError, crit};
use crate::alg::SignatureAlgorithm;
use crate::json;
use crate::jwk::MAX_KID_BYTES;

/// A header that passed every check that needs no key.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    alg: SignatureAlgorithm,
    members: Map<String, Value>,
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JwsError> {
        let members = json::parse_object(bytes).map_err(JwsError::HeaderJson)?;
        crit::check(&members)?;
        let alg = match members.get("alg") {
            None => return Err(JwsError::MissingAlgorithm),
            Some(Value::String(name)) if name.eq_ignore_ascii_case("none") => {
                return Err(JwsError::AlgorithmNone);
            }
            Some(Value::String(name)) => {
                name.parse().map_err(|_| JwsError::UnsupportedAlgorithm)?
            }
            Some(_) => return Err(JwsError::InvalidHeader("alg")),
        };
        for name in ["typ", "cty", "kid"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(JwsError::InvalidHeader(name));
            }
        }
        let header = Self { alg, members };
        if header.kid().is_some_and(|kid| kid.len() > MAX_KID_BYTES) {
            return Err(JwsError::KidTooLong);
        }
        Ok(header)
    }

    /// The algorithm that the token claims; the key decides.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// A hint as to which key to use (RFC 7515, section 4.1.4): any text that the sender chose, of
    /// at most 256 bytes.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.string("kid")
    }

    /// The type as written (RFC 7515, section 4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.string("typ")
    }

    /// The content type (RFC 7515, section 4.1.10).
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.string("cty")
    }

    /// True if the type is this media type: without regard to case, with or without `application/`
    /// (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn has_typ(&self, expected: &str) -> bool {
        self.typ()
            .is_some_and(|typ| bare(typ).eq_ignore_ascii_case(bare(expected)))
    }

    /// Every header parameter. `jwk` is for DPoP proofs only (RFC 9449, section 4.2); nothing else
    /// may trust it.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    fn string(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

/// The media type without the `application/` that may be left out when no other slash follows.
fn bare(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => media_type,
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, JwsError};

    fn parse(json: &str) -> Result<Header, JwsError> {
        Header::parse(json.as_bytes())
    }

    #[test]
    fn a_type_compares_as_a_media_type() {
        let with = |typ: &str| parse(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#)).unwrap();
        for typ in [
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "Application/At+Jwt",
        ] {
            assert!(with(typ).has_typ("at+jwt"), "{typ}");
            assert!(with(typ).has_typ("application/at+jwt"), "{typ}");
        }
        for typ in [
            "",
            "jwt",
            "at+jwt ",
            "text/at+jwt",
            "application/application/at+jwt",
        ] {
            assert!(!with(typ).has_typ("at+jwt"), "{typ}");
        }
        assert!(!parse(r#"{"alg":"ES256"}"#).unwrap().has_typ("JWT"));
    }

    #[test]
    fn what_a_header_may_not_say() {
        for (json, error) in [
            (r#"{"typ":"JWT"}"#, JwsError::MissingAlgorithm),
            (r#"{"alg":"none"}"#, JwsError::AlgorithmNone),
            (r#"{"alg":"nOnE"}"#, JwsError::AlgorithmNone),
            (r#"{"alg":"NONE"}"#, JwsError::AlgorithmNone),
            (r#"{"alg":"es256"}"#, JwsError::UnsupportedAlgorithm),
            (r#"{"alg":""}"#, JwsError::UnsupportedAlgorithm),
            (r#"{"alg":["ES256"]}"#, JwsError::InvalidHeader("alg")),
            (r#"{"alg":null}"#, JwsError::InvalidHeader("alg")),
            (r#"{"alg":"ES256","kid":7}"#, JwsError::InvalidHeader("kid")),
            (
                r#"{"alg":"ES256","typ":null}"#,
                JwsError::InvalidHeader("typ"),
            ),
            (
                r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
                JwsError::CriticalExtension,
            ),
            (r#"{"alg":"ES256","crit":[]}"#, JwsError::CriticalExtension),
            (
                r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
                JwsError::CriticalExtension,
            ),
            (r#"{"alg":"ES256","b64":false}"#, JwsError::UnencodedPayload),
            (r#"{"alg":"ES256","b64":true}"#, JwsError::UnencodedPayload),
        ] {
            assert_eq!(parse(json), Err(error), "{json}");
        }
    }

    #[test]
    fn a_key_id_ends_at_256_bytes() {
        let with = |length: usize| {
            parse(&format!(
                r#"{{"alg":"ES256","kid":"{}"}}"#,
                "k".repeat(length)
            ))
        };
        assert!(with(256).is_ok());
        assert_eq!(with(257), Err(JwsError::KidTooLong));
        assert_eq!(with(10_240), Err(JwsError::KidTooLong));
    }
}
