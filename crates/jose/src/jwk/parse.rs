//! From JSON to a checked [`Jwk`]: RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{EcCurve, Jwk, KeyError, MAX_KID_BYTES, Material, OkpCurve, RsaPrivate, rsa_modulus};
use crate::{base64url, json};

impl Jwk {
    /// Reads one key. Members that are not known are ignored (RFC 7517, section 4).
    ///
    /// # Errors
    /// Returns a [`KeyError`] for JSON that [`crate::json::parse_object`] refuses, for an unknown
    /// `kty` or `crv`, for a member that is missing or malformed, and for a weak or impossible key.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_members(json::parse_object(bytes).map_err(KeyError::Json)?)
    }

    /// Reads one key from the members of an object that was already parsed (without duplicates). A
    /// member that is `null` counts as absent: issuers write `"alg": null` for a member that they
    /// leave out.
    ///
    /// # Errors
    /// See [`Jwk::from_json`].
    pub fn from_members(mut members: Map<String, Value>) -> Result<Self, KeyError> {
        members.retain(|_, value| !value.is_null());
        let kty = string(&mut members, "kty")?.ok_or(KeyError::MissingMember("kty"))?;
        let material = match kty.as_str() {
            "RSA" => rsa(&mut members)?,
            "EC" => ec(&mut members)?,
            "OKP" => okp(&mut members)?,
            "oct" => oct(&mut members)?,
            _ => return Err(KeyError::UnsupportedKeyType),
        };
        let kid = string(&mut members, "kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID_BYTES) {
            return Err(KeyError::KidTooLong);
        }
        Ok(Self {
            material,
            kid,
            key_use: string(&mut members, "use")?,
            key_ops: key_ops(&mut members)?,
            alg: string(&mut members, "alg")?,
        })
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match json::deserialize_strict(deserializer)? {
            Value::Object(members) => Self::from_members(members).map_err(D::Error::custom),
            _ => Err(D::Error::custom("a JSON Web Key is an object")),
        }
    }
}

/// RFC 7518, section 6.3.
fn rsa(members: &mut Map<String, Value>) -> Result<Material, KeyError> {
    let n = integer(members, "n")?;
    let e = integer(members, "e")?;
    rsa_modulus::check(&n, &e)?;
    if members.contains_key("oth") {
        // RFC 7518, section 6.3.2.7: a consumer that can't use more than two primes must not use
        // the key.
        return Err(KeyError::InvalidMember("oth"));
    }
    let private = if members.contains_key("d") {
        Some(Box::new(RsaPrivate {
            d: secret(members, "d")?,
            p: secret(members, "p")?,
            q: secret(members, "q")?,
            dp: secret(members, "dp")?,
            dq: secret(members, "dq")?,
            qi: secret(members, "qi")?,
        }))
    } else {
        None
    };
    Ok(Material::Rsa { n, e, private })
}

/// RFC 7518, section 6.2.
fn ec(members: &mut Map<String, Value>) -> Result<Material, KeyError> {
    let crv = string(members, "crv")?.ok_or(KeyError::MissingMember("crv"))?;
    let curve = EcCurve::ALL
        .into_iter()
        .find(|curve| curve.as_str() == crv)
        .ok_or(KeyError::UnsupportedCurve)?;
    let x = octets(members, "x", curve.coordinate_len())?;
    let y = octets(members, "y", curve.coordinate_len())?;
    let d = optional_secret(members, "d", curve.coordinate_len())?;
    crate::key::ec_point(curve, &x, &y).ok_or(KeyError::NotOnCurve)?;
    Ok(Material::Ec { curve, x, y, d })
}

/// RFC 8037, section 2.
fn okp(members: &mut Map<String, Value>) -> Result<Material, KeyError> {
    let curve = match string(members, "crv")?.as_deref() {
        Some("Ed25519") => OkpCurve::Ed25519,
        Some("X25519") => OkpCurve::X25519,
        Some(_) => return Err(KeyError::UnsupportedCurve),
        None => return Err(KeyError::MissingMember("crv")),
    };
    let x = octets(members, "x", 32)?;
    let d = optional_secret(members, "d", 32)?;
    if curve == OkpCurve::Ed25519 && !crate::key::is_ed25519_point(&x) {
        return Err(KeyError::NotOnCurve);
    }
    Ok(Material::Okp { curve, x, d })
}

/// RFC 7518, section 6.4.
fn oct(members: &mut Map<String, Value>) -> Result<Material, KeyError> {
    let k = secret(members, "k")?;
    Ok(Material::Oct { k })
}

/// RFC 7517, section 4.3: an array of strings without duplicates.
fn key_ops(members: &mut Map<String, Value>) -> Result<Option<Vec<String>>, KeyError> {
    const INVALID: KeyError = KeyError::InvalidMember("key_ops");
    let Some(value) = members.remove("key_ops") else {
        return Ok(None);
    };
    let Value::Array(values) = value else {
        return Err(INVALID);
    };
    let mut operations: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Value::String(operation) if !operations.contains(&operation) => {
                operations.push(operation);
            }
            _ => return Err(INVALID),
        }
    }
    Ok(Some(operations))
}

fn string(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, KeyError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyError::InvalidMember(name)),
    }
}

/// Base64urlUInt (RFC 7518, section 2): big-endian, the fewest octets for the number.
fn integer(members: &mut Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeyError> {
    let text = string(members, name)?.ok_or(KeyError::MissingMember(name))?;
    let bytes = base64url::decode(text).map_err(|_| KeyError::InvalidMember(name))?;
    match bytes.first() {
        None | Some(0) => Err(KeyError::InvalidMember(name)),
        Some(_) => Ok(bytes),
    }
}

/// A member that must have exactly `length` octets (RFC 7518, section 6.2.1.2).
fn octets(
    members: &mut Map<String, Value>,
    name: &'static str,
    length: usize,
) -> Result<Vec<u8>, KeyError> {
    let text = string(members, name)?.ok_or(KeyError::MissingMember(name))?;
    let bytes = base64url::decode(text).map_err(|_| KeyError::InvalidMember(name))?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(KeyError::InvalidMember(name))
    }
}

fn secret(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = Zeroizing::new(string(members, name)?.ok_or(KeyError::MissingMember(name))?);
    base64url::decode(text.as_str())
        .map(Zeroizing::new)
        .map_err(|_| KeyError::InvalidMember(name))
}

fn optional_secret(
    members: &mut Map<String, Value>,
    name: &'static str,
    length: usize,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    if !members.contains_key(name) {
        return Ok(None);
    }
    let bytes = secret(members, name)?;
    if bytes.len() == length {
        Ok(Some(bytes))
    } else {
        Err(KeyError::InvalidMember(name))
    }
}
