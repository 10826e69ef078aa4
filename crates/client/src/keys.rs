//! The provider's keys (`jwks_uri`, [OpenID Connect Core, section 10.1.1]): fetched when they are
//! first needed, kept for a while, and fetched again, but only now and then, when a token names a
//! key that isn't among them.
//!
//! [OpenID Connect Core, section 10.1.1]: https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys

use std::sync::Arc;
use std::time::Duration;

use countersign_fetch::http::StatusCode;
use countersign_fetch::http::header::ACCEPT;
use countersign_fetch::{FetchError, Fetcher, Request, Url};
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{JwkSet, KeyError, NoSuitableKey};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long keys are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// After this time they are fetched again, so that a withdrawn key is forgotten. Default 10
    /// minutes.
    pub max_age: Duration,
    /// For so long after a fetch an unknown key doesn't cause another. Default 15 s.
    pub cool_down: Duration,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cool_down: Duration::from_secs(15),
        }
    }
}

/// The keys of one provider. Concurrent askers wait for one fetch.
#[derive(Debug)]
pub(crate) struct KeyCache {
    jwks_uri: Option<Url>,
    policy: KeyPolicy,
    cached: Mutex<Option<Cached>>,
}

#[derive(Debug)]
struct Cached {
    set: Arc<JwkSet>,
    fetched_at: Instant,
    /// When the last fetch was tried, successfully or not.
    tried_at: Instant,
}

impl KeyCache {
    pub(crate) fn new(jwks_uri: Option<Url>, policy: KeyPolicy) -> Self {
        Self {
            jwks_uri,
            policy,
            cached: Mutex::new(None),
        }
    }

    /// A set that contains a suitable key if the provider has published one. The verification finds
    /// out which one it is and whether it matches.
    pub(crate) async fn for_token(
        &self,
        fetcher: &Fetcher,
        kid: Option<&str>,
        alg: SignatureAlgorithm,
    ) -> Result<Arc<JwkSet>, KeysError> {
        let mut cached = self.cached.lock().await;
        if let Some(cached) = cached.as_mut()
            && cached.fetched_at.elapsed() < self.policy.max_age
        {
            let unknown = cached.set.select(kid, alg).err() == Some(NoSuitableKey::None);
            if !unknown || cached.tried_at.elapsed() < self.policy.cool_down {
                return Ok(Arc::clone(&cached.set));
            }
            // A provider that fails now was reached within max_age: its keys are still valid.
            cached.tried_at = Instant::now();
            if let Ok(set) = self.fetch(fetcher).await {
                cached.set = Arc::new(set);
                cached.fetched_at = Instant::now();
            }
            return Ok(Arc::clone(&cached.set));
        }
        let set = Arc::new(self.fetch(fetcher).await?);
        let now = Instant::now();
        *cached = Some(Cached {
            set: Arc::clone(&set),
            fetched_at: now,
            tried_at: now,
        });
        Ok(set)
    }

    async fn fetch(&self, fetcher: &Fetcher) -> Result<JwkSet, KeysError> {
        let url = self.jwks_uri.clone().ok_or(KeysError::NoJwksUri)?;
        let request =
            Request::get(url).header(ACCEPT, "application/jwk-set+json, application/json");
        let response = fetcher.send(request).await?;
        if response.status != StatusCode::OK {
            return Err(KeysError::Status {
                status: response.status.as_u16(),
            });
        }
        Ok(JwkSet::from_json(&response.body)?)
    }
}

/// Why the provider's keys are not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    #[error("the provider's metadata has no jwks_uri")]
    NoJwksUri,
    #[error("the provider's keys could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    #[error("jwks_uri returned {status} instead of 200")]
    Status { status: u16 },
    #[error("jwks_uri didn't return a key set: {0}")]
    KeySet(#[from] KeyError),
}

impl KeysError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoJwksUri => "keys_no_jwks_uri",
            Self::Fetch(error) => error.code(),
            Self::Status { .. } => "keys_status",
            Self::KeySet(_) => "keys_no_key_set",
        }
    }
}
