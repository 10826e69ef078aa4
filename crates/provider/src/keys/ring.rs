//! The keys in use: parsed, indexed, and as the document at `/jwks`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{JwkSet, NoSuitableKey};
use countersign_jose::key::{SigningKey, VerifyingKey};
use countersign_jose::seal;
use countersign_management::keys::{KeyPublication, open};
use countersign_oauth::key_source::KeySource;
use countersign_store::Store;
use countersign_store::keys::{KeyState, SigningKeyRecord};
use countersign_web::document::Document;
use parking_lot::RwLock;

use crate::clock::Clock;
use crate::error::{Failure, ServerFault};
use crate::settings::Settings;
use crate::start_error::StartError;

/// A copy that was not confirmed for this long is not used.
const CONFIRMED_FOR_MILLISECONDS: u64 = 1000;

/// The signing keys of a provider.
pub struct KeyRing {
    store: Arc<dyn Store>,
    sealing: seal::Keyring,
    clock: Arc<dyn Clock>,
    publication: KeyPublication,
    current: RwLock<Arc<Ring>>,
    confirmed_at: AtomicU64,
}

/// The keys at one moment.
pub struct Ring {
    signing: Vec<SigningKey>,
    /// The public half of every published key, by its kid.
    verifying: Vec<(String, VerifyingKey)>,
    /// The public half of every published key as a JWK set (RFC 7517, section 5).
    pub document: Document,
    fingerprint: Vec<(String, bool)>,
    /// The next instant, in Unix seconds, at which a key starts or stops signing or being
    /// published.
    changes_at: i64,
}

impl KeyRing {
    pub(crate) async fn load(
        store: Arc<dyn Store>,
        sealing: seal::Keyring,
        clock: Arc<dyn Clock>,
        settings: &Settings,
    ) -> Result<KeyRing, StartError> {
        let publication = settings.key_publication.clone();
        let records = store.signing_keys().await?;
        let ring = Ring::of(&records, &sealing, &publication, clock.now())?;
        Ok(KeyRing {
            confirmed_at: AtomicU64::new(clock.monotonic_milliseconds()),
            current: RwLock::new(Arc::new(ring)),
            store,
            sealing,
            clock,
            publication,
        })
    }

    /// The keys as the store had them at most a second ago, and as the clock has them now.
    ///
    /// # Errors
    /// Returns a [`ServerFault`] if the store fails or a key cannot be unsealed.
    pub async fn ring(&self) -> Result<Arc<Ring>, Failure> {
        let now = self.clock.monotonic_milliseconds();
        let confirmed = self.confirmed_at.load(Ordering::Acquire);
        if now.saturating_sub(confirmed) < CONFIRMED_FOR_MILLISECONDS {
            let current = Arc::clone(&self.current.read());
            if self.clock.now() < current.changes_at {
                return Ok(current);
            }
        }
        self.confirm(now).await
    }

    async fn confirm(&self, now: u64) -> Result<Arc<Ring>, Failure> {
        let records = self.store.signing_keys().await?;
        let unix_now = self.clock.now();
        let current = Arc::clone(&self.current.read());
        let ring = match current.is_of(&records, &self.publication, unix_now) {
            true => current,
            false => {
                let ring = Ring::of(&records, &self.sealing, &self.publication, unix_now).map_err(
                    |error| Failure::from(ServerFault::RecordCorrupt).detail(error.to_string()),
                )?;
                let ring = Arc::new(ring);
                *self.current.write() = Arc::clone(&ring);
                ring
            }
        };
        self.confirmed_at.fetch_max(now, Ordering::AcqRel);
        Ok(ring)
    }
}

impl Ring {
    /// The key that signs with an algorithm.
    ///
    /// # Errors
    /// Returns [`ServerFault::SigningKeyMissing`].
    pub fn signing(&self, algorithm: SignatureAlgorithm) -> Result<&SigningKey, Failure> {
        self.signing
            .iter()
            .rev()
            .find(|key| key.alg() == algorithm)
            .ok_or_else(|| Failure::from(ServerFault::SigningKeyMissing).detail(algorithm.as_str()))
    }

    fn of(
        records: &[SigningKeyRecord],
        sealing: &seal::Keyring,
        publication: &KeyPublication,
        now: i64,
    ) -> Result<Ring, StartError> {
        let retired_seconds = publication.retired_key_published_seconds;
        let mut signing = Vec::new();
        let mut verifying = Vec::new();
        let mut published = Vec::new();
        for record in records {
            if !record.is_published(retired_seconds, now) {
                continue;
            }
            let key = open(record, sealing)?;
            published.extend(key.public_jwk().cloned());
            verifying.push((record.kid.clone(), key.verifying_key().clone()));
            if record.signs_among(records, now) {
                signing.push(key);
            }
        }
        let document = serde_json::to_vec(&JwkSet::new(published))
            .map_err(|error| StartError::Metadata(error.to_string()))?;
        let document = Document::new(document, publication.jwks_max_age_seconds)
            .map_err(|error| StartError::Metadata(format!("{error:?}")))?;
        Ok(Ring {
            signing,
            verifying,
            document,
            fingerprint: fingerprint(records, retired_seconds, now),
            changes_at: changes_at(records, retired_seconds, now),
        })
    }

    /// Whether it would be made again of these records now.
    fn is_of(&self, records: &[SigningKeyRecord], publication: &KeyPublication, now: i64) -> bool {
        let retired_seconds = publication.retired_key_published_seconds;
        self.changes_at == changes_at(records, retired_seconds, now)
            && self.fingerprint == fingerprint(records, retired_seconds, now)
    }
}

/// Our own tokens always name their key.
impl KeySource for Ring {
    fn verifying_key(
        &self,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<VerifyingKey, NoSuitableKey> {
        let kid = kid.ok_or(NoSuitableKey::None)?;
        self.verifying
            .iter()
            .find(|(known, key)| known == kid && key.alg() == alg)
            .map(|(_, key)| key.clone())
            .ok_or(NoSuitableKey::None)
    }
}

/// Which keys are published, and which of them sign.
fn fingerprint(
    records: &[SigningKeyRecord],
    retired_seconds: i64,
    now: i64,
) -> Vec<(String, bool)> {
    records
        .iter()
        .filter(|record| record.is_published(retired_seconds, now))
        .map(|record| (record.kid.clone(), record.signs_among(records, now)))
        .collect()
}

/// The next instant at which a key starts or stops signing or being published.
fn changes_at(records: &[SigningKeyRecord], retired_seconds: i64, now: i64) -> i64 {
    let instants = records.iter().flat_map(|record| match record.state {
        KeyState::Signing { from } => vec![from],
        KeyState::Retired { from, until } => {
            vec![from, until, until.saturating_add(retired_seconds)]
        }
        KeyState::Standby | KeyState::Revoked { .. } => Vec::new(),
    });
    instants.filter(|at| now < *at).min().unwrap_or(i64::MAX)
}
