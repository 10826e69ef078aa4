//! Reads a NumericDate, which other issuers also write with a fraction or an exponent ([RFC 7519,
//! section 2]), into whole Unix seconds, rounded down.
//!
//! [RFC 7519, section 2]: https://www.rfc-editor.org/rfc/rfc7519#section-2

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    seconds(&number).ok_or_else(|| D::Error::custom("a time is out of range"))
}

pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    match Option::<Number>::deserialize(deserializer)? {
        None => Ok(None),
        Some(number) => match seconds(&number) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(D::Error::custom("a time is out of range")),
        },
    }
}

fn seconds(number: &Number) -> Option<i64> {
    let whole = number.as_i64().or_else(|| {
        let seconds = number.as_f64()?.floor();
        // Within this bound the conversion is exact.
        (seconds.abs() <= LARGEST as f64).then_some(seconds as i64)
    })?;
    (-LARGEST..=LARGEST).contains(&whole).then_some(whole)
}

/// The largest whole number that every JSON reader keeps exactly (RFC 8259, section 6).
const LARGEST: i64 = (1 << 53) - 1;
