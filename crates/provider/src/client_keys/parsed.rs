//! A set of keys that was read once. A key is made ready for an algorithm when it is first used.

use std::collections::HashMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{JwkSet, KeyError, NoSuitableKey};
use countersign_jose::key::VerifyingKey;
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
}

impl ClientKeys {
    /// Reads a set that was fetched.
    ///
    /// # Errors
    /// Returns a [`KeyError`] if it is not a set of keys within the limits.
    pub fn from_json(json: &[u8]) -> Result<ClientKeys, KeyError> {
        Ok(ClientKeys::new(JwkSet::from_json(json)?))
    }

    /// Reads a set that was registered.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn from_value(jwks: &Value) -> Result<ClientKeys, serde_json::Error> {
        Ok(ClientKeys::new(JwkSet::deserialize(jwks)?))
    }

    fn new(set: JwkSet) -> ClientKeys {
        ClientKeys {
            set,
            ready: RwLock::default(),
        }
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
