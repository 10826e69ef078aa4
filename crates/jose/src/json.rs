//! JSON objects read without ambiguity.
//!
//! RFC 7515, section 4 and RFC 7519, section 4 let an implementation refuse duplicate member names
//! or take the last; two readers that choose differently see two different tokens (RFC 8259,
//! section 4: "the behavior of software that receives such an object is unpredictable"). Here a
//! duplicate is refused at every depth, and nesting ends at [`MAX_DEPTH`].

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Arrays and objects may be nested this deep, the outermost included.
pub const MAX_DEPTH: usize = 32;

/// Reads one JSON object and nothing behind it.
///
/// # Errors
/// Returns a [`JsonError`] for anything that is not JSON, not an object, has a duplicate member
/// name at any depth, or is nested deeper than [`MAX_DEPTH`].
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match parse_value(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads one JSON value and nothing behind it, as strictly as [`parse_object`].
///
/// # Errors
/// See [`parse_object`].
pub fn parse_value(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(without_byte_order_mark(bytes));
    let value = Strict::OUTERMOST
        .deserialize(&mut deserializer)
        .map_err(JsonError::from)?;
    deserializer.end().map_err(JsonError::from)?;
    Ok(value)
}

/// The text behind a byte order mark, which a parser may ignore (RFC 8259, section 8.1). Editors
/// put it at the front of files, and some servers before their responses.
#[must_use]
pub fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// For `Deserialize` implementations of neighbours: a value read strictly from any format.
pub(crate) fn deserialize_strict<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Value, D::Error> {
    Strict::OUTERMOST.deserialize(deserializer)
}

/// Why a text is not an acceptable JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON at all; line and column start at 1.
    #[error("not JSON at line {line}, column {column}")]
    Malformed { line: usize, column: usize },
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member name occurs twice in one object.
    #[error("a member name occurs twice in one object")]
    DuplicateMember,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        // serde carries messages only; these two texts are made in this file and nowhere else.
        let text = error.to_string();
        if text.starts_with(DUPLICATE) {
            Self::DuplicateMember
        } else if text.starts_with(TOO_DEEP) {
            Self::TooDeep
        } else {
            Self::Malformed {
                line: error.line(),
                column: error.column(),
            }
        }
    }
}

const DUPLICATE: &str = "duplicate member name";
const TOO_DEEP: &str = "nested too deep";

/// Reads one value; the number is how many more levels of nesting are allowed below it.
#[derive(Clone, Copy)]
struct Strict(usize);

impl Strict {
    const OUTERMOST: Self = Self(MAX_DEPTH);

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0
            .checked_sub(1)
            .map(Self)
            .ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(DUPLICATE));
            }
            let value = access.next_value_seed(inner)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonError, MAX_DEPTH, parse_object, parse_value};

    #[test]
    fn a_duplicate_member_is_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1},{"c":1,"d":2,"c":3}]}"#,
        ] {
            assert_eq!(
                parse_object(text.as_bytes()),
                Err(JsonError::DuplicateMember),
                "{text}"
            );
        }
        assert!(parse_object(br#"{"a":{"b":1},"b":{"b":2}}"#).is_ok());
    }

    #[test]
    fn nesting_ends_at_the_limit_and_ten_thousand_levels_cost_no_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_value(nested(MAX_DEPTH).as_bytes()).is_ok());
        for depth in [MAX_DEPTH + 1, 127, 10_000] {
            assert_eq!(
                parse_value(nested(depth).as_bytes()),
                Err(JsonError::TooDeep),
                "{depth}"
            );
        }
        let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
        assert_eq!(parse_object(objects.as_bytes()), Err(JsonError::TooDeep));
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        // RFC 8259, section 8.1.
        assert_eq!(
            parse_object(b"\xef\xbb\xbf{\"a\":1}"),
            parse_object(b"{\"a\":1}")
        );
        assert_eq!(
            parse_object(b"\xef\xbb\xbf[1]"),
            Err(JsonError::NotAnObject)
        );
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        assert_eq!(parse_object(b"[1]"), Err(JsonError::NotAnObject));
        assert_eq!(parse_object(b"null"), Err(JsonError::NotAnObject));
        for text in [
            &b""[..],
            b"{",
            b"{} {}",
            b"{}x",
            b"\xef\xbb\xbf\xef\xbb\xbf{}",
            b"{}\xef\xbb\xbf",
            b"\xfe\xff\0{\0}",
            b"{\"a\":\"\xff\"}",
            b"{a:1}",
            b"{\"a\":NaN}",
            b"{\"a\":1e999}",
            b"{\"a\":\"\\ud800\"}",
        ] {
            assert!(
                matches!(parse_object(text), Err(JsonError::Malformed { .. })),
                "{text:?}"
            );
        }
    }
}
