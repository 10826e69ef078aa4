//! Listing, rotating and importing signing keys. A running server sees a change within a second.

use std::path::Path;
use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::Jwk;
use countersign_jose::key::{KeyError, SigningKey};
use countersign_jose::random::SystemRandom;
use countersign_jose::seal::Keyring;
use countersign_provider::{StartError, keys};
use countersign_store::keys::SigningKeyRecord;
use countersign_store::{Store, StoreError};
use zeroize::Zeroizing;

use crate::configuration::Configuration;

/// The algorithms that a PEM file is tried for where none is named: RS256 for RSA, then each curve's own.
const ALGORITHMS_BY_KEY: [SignatureAlgorithm; 6] = [
    SignatureAlgorithm::RS256,
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384,
    SignatureAlgorithm::ES512,
    SignatureAlgorithm::ES256K,
    SignatureAlgorithm::EdDSA,
];

/// The signing keys of a deployment.
pub struct SigningKeys {
    store: Arc<dyn Store>,
    sealing: Keyring,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    #[error("can't read the key {path}: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("the private key is refused: {0}.")]
    Private(KeyError),
    #[error("the public key is refused: {0}.")]
    Public(KeyError),
    #[error("the public key doesn't belong to the private key. Name the pair's own two files.")]
    PublicDoesNotMatch,
    #[error("the key {0} is there already.")]
    Present(String),
    #[error("{0}")]
    Internal(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SigningKeys {
    pub fn new(store: Arc<dyn Store>, sealing: Keyring) -> Self {
        Self { store, sealing }
    }

    /// Every key, oldest first.
    pub async fn list(&self) -> Result<Vec<SigningKeyRecord>, SigningKeyError> {
        Ok(self.store.signing_keys().await?)
    }

    /// Makes a new key of the algorithm; the others of it sign no more and stay published.
    pub async fn rotate(
        &self,
        algorithm: SignatureAlgorithm,
        now: i64,
    ) -> Result<SigningKeyRecord, SigningKeyError> {
        let record =
            keys::generate(algorithm, &self.sealing, &SystemRandom, now).map_err(internal)?;
        self.add(record, now).await
    }

    /// Imports a private key, which becomes the current one of its algorithm. A public key that is given must match.
    pub async fn import(
        &self,
        private_pem: &str,
        public_pem: Option<&str>,
        algorithm: Option<SignatureAlgorithm>,
        now: i64,
    ) -> Result<SigningKeyRecord, SigningKeyError> {
        let key = read_pair(private_pem, public_pem, algorithm)?;
        let record = keys::record(&key, &self.sealing, &SystemRandom, now).map_err(internal)?;
        self.add(record, now).await
    }

    async fn add(
        &self,
        record: SigningKeyRecord,
        now: i64,
    ) -> Result<SigningKeyRecord, SigningKeyError> {
        if self.store.add_signing_key(&record, now).await? {
            Ok(record)
        } else {
            Err(SigningKeyError::Present(record.kid))
        }
    }
}

/// Imports the key of `keys.private_key_path`, if there is one, at the server's start. A key that is there already is left as it
/// is, so that a restart doesn't bring back one that was rotated away.
pub async fn import_configured(
    configuration: &Configuration,
    keys: &SigningKeys,
    now: i64,
) -> Result<Option<SigningKeyRecord>, SigningKeyError> {
    let Some(private) = &configuration.keys.private_key_path else {
        return Ok(None);
    };
    let private_pem = read_pem(private)?;
    let public_pem = configuration
        .keys
        .public_key_path
        .as_deref()
        .map(read_pem)
        .transpose()?;
    let algorithm = configuration.keys.private_key_algorithm.map(Into::into);
    let public_pem = public_pem.as_deref().map(String::as_str);
    match keys.import(&private_pem, public_pem, algorithm, now).await {
        Err(SigningKeyError::Present(_)) => Ok(None),
        other => other.map(Some),
    }
}

fn read_pair(
    private_pem: &str,
    public_pem: Option<&str>,
    algorithm: Option<SignatureAlgorithm>,
) -> Result<SigningKey, SigningKeyError> {
    let key = match algorithm {
        Some(algorithm) => SigningKey::from_pem(algorithm, private_pem),
        None => {
            let mut tries = ALGORITHMS_BY_KEY
                .map(|algorithm| SigningKey::from_pem(algorithm, private_pem))
                .into_iter();
            // Of the reasons against each, the first says the most: that it isn't PEM, or is encrypted.
            let first = tries.next().unwrap_or(Err(KeyError::NotPem));
            first.or_else(|reason| tries.find_map(Result::ok).ok_or(reason))
        }
    }
    .map_err(SigningKeyError::Private)?;
    if let Some(public_pem) = public_pem {
        let public = Jwk::from_public_pem(public_pem).map_err(SigningKeyError::Public)?;
        if Some(public.thumbprint_sha256()) != key.public_jwk().map(Jwk::thumbprint_sha256) {
            return Err(SigningKeyError::PublicDoesNotMatch);
        }
    }
    Ok(key)
}

fn read_pem(path: &Path) -> Result<Zeroizing<String>, SigningKeyError> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| SigningKeyError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })
}

fn internal(error: StartError) -> SigningKeyError {
    SigningKeyError::Internal(error.to_string())
}
