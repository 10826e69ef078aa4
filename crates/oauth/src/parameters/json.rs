//! A flat JSON object as parameters. Members may not repeat, and an object or array as a value is
//! refused where it opens, so depth costs nothing.

use std::cell::RefCell;
use std::fmt;

use countersign_jose::json::without_byte_order_mark;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::{Limits, ParameterFault, Parameters, printable};

pub(super) fn read_flat_object(body: &[u8], limits: Limits) -> Result<Parameters, ParameterFault> {
    let fault = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_slice(without_byte_order_mark(body));
    let read = FlatObject {
        limits,
        fault: &fault,
    }
    .deserialize(&mut json);
    let ended = read.and_then(|parameters| json.end().map(|()| parameters));
    ended.map_err(|_| {
        fault.into_inner().unwrap_or(ParameterFault::Malformed {
            name: "the request".to_owned(),
            reason: "it is not a JSON object",
        })
    })
}

/// Carries the precise fault past serde, whose errors are text.
struct FlatObject<'a> {
    limits: Limits,
    fault: &'a RefCell<Option<ParameterFault>>,
}

impl<'de> DeserializeSeed<'de> for FlatObject<'_> {
    type Value = Parameters;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parameters, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FlatObject<'_> {
    type Value = Parameters;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a flat JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parameters, A::Error> {
        let mut parameters = Parameters::default();
        while let Some(name) = members.next_key::<String>()? {
            let shown = printable(&name);
            let pushed = match members.next_value_seed(Scalar) {
                Ok(value) => parameters.push(name, value, self.limits, &[]),
                Err(_) => Err(ParameterFault::Malformed {
                    name: shown,
                    reason: "it is not a string, a number or a boolean",
                }),
            };
            if let Err(fault) = pushed {
                *self.fault.borrow_mut() = Some(fault);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(parameters)
    }
}

struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Zeroizing<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Scalar {
    type Value = Zeroizing<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a number or a boolean")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(value.to_owned()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(value.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Zeroizing::new(String::new()))
    }
}
