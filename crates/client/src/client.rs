//! A client of one provider.

use std::sync::Arc;

use countersign_fetch::{Fetcher, Url};
use countersign_jose::random::{Random, SystemRandom};
use countersign_oauth::server_metadata::ServerMetadata;

use crate::clock::{Clock, system_clock};
use crate::discover::{DiscoveryError, discover};
use crate::keys::{KeyCache, KeyPolicy};
use crate::registration::Registration;

/// A client of one provider. Cheap to clone; clones share the cache of the provider's keys.
#[derive(Clone)]
pub struct Client {
    pub(crate) metadata: Arc<ServerMetadata>,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) registration: Arc<Registration>,
    pub(crate) fetcher: Fetcher,
    pub(crate) keys: Arc<KeyCache>,
    clock: Clock,
    random: Arc<dyn Random>,
}

impl Client {
    /// A client of the provider that this metadata is of, fetched ([`discover()`]) or written down.
    ///
    /// # Errors
    /// Returns a [`ConfigurationError`] if an address in the metadata is not an https URL (or http
    /// on a loopback host).
    pub fn new(
        metadata: ServerMetadata,
        registration: Registration,
        fetcher: Fetcher,
    ) -> Result<Self, ConfigurationError> {
        if registration.client_id.is_empty() {
            return Err(ConfigurationError::NoClientId);
        }
        let endpoints = Endpoints::read(&metadata)?;
        let keys = KeyCache::new(endpoints.jwks.clone(), KeyPolicy::default());
        Ok(Self {
            metadata: Arc::new(metadata),
            endpoints: Arc::new(endpoints),
            registration: Arc::new(registration),
            fetcher,
            keys: Arc::new(keys),
            clock: system_clock(),
            random: Arc::new(SystemRandom),
        })
    }

    /// Fetches the metadata of an issuer and makes a client of it.
    ///
    /// # Errors
    /// Returns a [`ConfigurationError`], with the reason why there is no metadata.
    pub async fn discover(
        issuer: &str,
        registration: Registration,
        fetcher: Fetcher,
    ) -> Result<Self, ConfigurationError> {
        let metadata = discover(&fetcher, issuer).await?;
        Self::new(metadata, registration, fetcher)
    }

    /// Takes the time (Unix seconds) from somewhere else than the system.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes state, nonce and code_verifier from somewhere else than the system. For tests that
    /// must repeat.
    #[must_use]
    pub fn with_random(mut self, random: impl Random + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// Keeps the provider's keys for other times than the default.
    #[must_use]
    pub fn with_key_policy(mut self, policy: KeyPolicy) -> Self {
        self.keys = Arc::new(KeyCache::new(self.endpoints.jwks.clone(), policy));
        self
    }

    /// What the provider says about itself.
    #[must_use]
    pub fn metadata(&self) -> &ServerMetadata {
        &self.metadata
    }

    /// The provider's name.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.metadata.issuer
    }

    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.registration.client_id
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("issuer", &self.metadata.issuer)
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}

/// The addresses of the metadata that this client asks, parsed once.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Option<Url>,
    pub(crate) token: Option<Url>,
    pub(crate) userinfo: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) jwks: Option<Url>,
}

impl Endpoints {
    fn read(metadata: &ServerMetadata) -> Result<Self, ConfigurationError> {
        Ok(Self {
            authorization: endpoint("authorization_endpoint", &metadata.authorization_endpoint)?,
            token: endpoint("token_endpoint", &metadata.token_endpoint)?,
            userinfo: endpoint("userinfo_endpoint", &metadata.userinfo_endpoint)?,
            end_session: endpoint("end_session_endpoint", &metadata.end_session_endpoint)?,
            jwks: endpoint("jwks_uri", &metadata.jwks_uri)?,
        })
    }
}

/// OIDC Discovery, section 3: every address is https; http is allowed on loopback hosts, for
/// development. A fragment is forbidden (RFC 6749, sections 3.1 and 3.2).
fn endpoint(
    member: &'static str,
    address: &Option<String>,
) -> Result<Option<Url>, ConfigurationError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let url = Url::parse(address).map_err(|_| ConfigurationError::NotAUrl { member })?;
    let loopback = url
        .host()
        .as_ref()
        .is_some_and(countersign_oauth::issuer::is_loopback_host);
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err(ConfigurationError::HttpsRequired { member }),
    }
    if url.fragment().is_some() {
        return Err(ConfigurationError::Fragment { member });
    }
    Ok(Some(url))
}

/// Why no client could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error("the registration has an empty client_id")]
    NoClientId,
    #[error("{member} of the provider's metadata is not an absolute URL")]
    NotAUrl { member: &'static str },
    #[error("{member} of the provider's metadata is not https")]
    HttpsRequired { member: &'static str },
    #[error("{member} of the provider's metadata has a fragment")]
    Fragment { member: &'static str },
}

impl ConfigurationError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::NoClientId => "client_no_client_id",
            Self::NotAUrl { .. } => "client_endpoint_not_a_url",
            Self::HttpsRequired { .. } => "client_endpoint_https_required",
            Self::Fragment { .. } => "client_endpoint_fragment",
        }
    }

    /// Whether trying again later may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Discovery(error) if error.is_temporary())
    }
}
