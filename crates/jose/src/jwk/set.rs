//! JWK sets (RFC 7517, section 5), and which key of one a token means.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Map, Value};

use super::{Jwk, KeyError, KeyType};
use crate::alg::SignatureAlgorithm;
use crate::json;
use crate::key::{Operation, VerifyingKey, suits};

/// A set of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    /// `kty` and `kid` of keys that were left out: they still make a key ID ambiguous.
    left_out: Vec<(String, String)>,
}

impl JwkSet {
    /// A set of these keys.
    #[must_use]
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self {
            keys,
            left_out: Vec::new(),
        }
    }

    /// Reads a set. A key that we can't use (unknown type or curve, missing member, weak) is left
    /// out, as RFC 7517 section 5 asks, so that one such key doesn't make the others unusable.
    ///
    /// # Errors
    /// Returns a [`KeyError`] if the JSON is refused, if `keys` is not an array of objects, or if
    /// the set mixes shared secrets with public keys: then it is either published by mistake or an
    /// attack.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_members(json::parse_object(bytes).map_err(KeyError::Json)?)
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, KeyError> {
        let Some(Value::Array(values)) = members.remove("keys") else {
            return Err(KeyError::InvalidMember("keys"));
        };
        if values.len() > MAX_KEYS {
            return Err(KeyError::TooManyKeys);
        }
        let mut keys = Vec::with_capacity(values.len());
        let mut left_out = Vec::new();
        for value in values {
            let Value::Object(members) = value else {
                return Err(KeyError::InvalidMember("keys"));
            };
            let text = |name| members.get(name).and_then(Value::as_str).map(str::to_owned);
            let identity = text("kty").zip(text("kid"));
            match Jwk::from_members(members) {
                Ok(key) => keys.push(key),
                Err(_) => left_out.extend(identity),
            }
        }
        let secrets = keys.iter().filter(|key| key.key_type() == KeyType::Oct);
        let secrets = secrets.count();
        if secrets != 0 && secrets != keys.len() {
            return Err(KeyError::MixedSet);
        }
        Ok(Self { keys, left_out })
    }

    /// The keys in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter()
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that verifies a token with these header values, ready for use.
    ///
    /// With a `kid` only keys of that `kid` count, and one that was left out makes it ambiguous if
    /// its type is the same (another type may be an equivalent alternative, RFC 7517, section 4.5);
    /// without one the set must contain exactly one key that suits the algorithm (OpenID Connect
    /// Core, section 10.1).
    ///
    /// # Errors
    /// Returns a [`NoSuitableKey`] if there is none, or more than one.
    pub fn select(
        &self,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<VerifyingKey, NoSuitableKey> {
        let mut candidates = self
            .keys
            .iter()
            .filter(|key| kid.is_none_or(|kid| key.kid() == Some(kid)))
            .filter(|key| suits(key, alg, Operation::Verify).is_ok());
        match (candidates.next(), candidates.next()) {
            (None, _) => Err(NoSuitableKey::None),
            (Some(_), Some(_)) => Err(NoSuitableKey::Ambiguous),
            (Some(key), None) if kid.is_some_and(|kid| self.left_out_has(key.key_type(), kid)) => {
                Err(NoSuitableKey::Ambiguous)
            }
            (Some(key), None) => VerifyingKey::from_jwk(key, alg).map_err(|_| NoSuitableKey::None),
        }
    }

    fn left_out_has(&self, key_type: KeyType, kid: &str) -> bool {
        self.left_out
            .iter()
            .any(|(kty, left_out)| kty == key_type.as_str() && left_out == kid)
    }
}

/// A set with more keys is refused.
const MAX_KEYS: usize = 256;

/// Why [`JwkSet::select`] returns no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuitableKey {
    /// No key has that `kid` and suits that algorithm; the set may be stale.
    #[error("no key in the set has that kid and is for that algorithm")]
    None,
    /// Several do, and nothing tells them apart.
    #[error("several keys in the set match, and nothing distinguishes them")]
    Ambiguous,
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self::new(keys.into_iter().collect())
    }
}

/// `{"keys":[...]}` with the public members only; oct keys are left out.
impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let public: Vec<&Jwk> = self
            .iter()
            .filter(|key| key.key_type() != KeyType::Oct)
            .collect();
        let mut set = serializer.serialize_struct("JwkSet", 1)?;
        set.serialize_field("keys", &public)?;
        set.end()
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match json::deserialize_strict(deserializer)? {
            Value::Object(members) => Self::from_members(members).map_err(D::Error::custom),
            _ => Err(D::Error::custom("a JWK set is an object")),
        }
    }
}
