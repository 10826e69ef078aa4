//! A set of keys that was read once. A key is made ready for an algorithm when it is first used.

use std::collections::HashMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::json;
use countersign_jose::jwk::{JwkSet, KeyError, NoSuitableKey};
use countersign_jose::key::VerifyingKey;
use countersign_oauth::client_certificate::certificates_of;
use countersign_oauth::key_source::KeySource;
use parking_lot::RwLock;
use serde::Deserialize;
use serde_json::Value;

/// One client's public keys.
#[derive(Debug)]
pub struct ClientKeys {
    set: JwkSet,
    /// By what a header says. Only what was found is kept, so that no more is than there are keys.
    ready: RwLock<HashMap<(Option<String>, SignatureAlgorithm), VerifyingKey>>,
    /// The DER of the certificates in `x5c` (RFC 8705, section 2.2.2).
    certificates: Vec<Vec<u8>>,
}

impl ClientKeys {
    /// Reads a set that was fetched.
    ///
    /// # Errors
    /// Returns a [`KeyError`] if it is not a set of keys within the limits.
    pub fn from_json(json: &[u8]) -> Result<ClientKeys, KeyError> {
        let members = json::parse_object(json).map_err(KeyError::Json)?;
        let set = JwkSet::from_json(json)?;
        Ok(ClientKeys::new(set, &Value::Object(members)))
    }

    /// Reads a set that was registered.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn from_value(jwks: &Value) -> Result<ClientKeys, serde_json::Error> {
        Ok(ClientKeys::new(JwkSet::deserialize(jwks)?, jwks))
    }

    fn new(set: JwkSet, jwks: &Value) -> ClientKeys {
        ClientKeys {
            set,
            ready: RwLock::default(),
            certificates: certificates_of(jwks),
        }
    }

    /// Whether this is the certificate of one of the keys.
    pub fn has_certificate(&self, der: &[u8]) -> bool {
        self.certificates.iter().any(|registered| registered == der)
    }
}

impl KeySource for ClientKeys {
    fn verifying_key(
        &self,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<VerifyingKey, NoSuitableKey> {
        let named = (kid.map(str::to_owned), alg);
        if let Some(key) = self.ready.read().get(&named) {
            return Ok(key.clone());
        }
        let key = self.set.select(kid, alg)?;
        self.ready.write().insert(named, key.clone());
        Ok(key)
    }
}
