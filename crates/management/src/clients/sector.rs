//! The list at a client's `sector_identifier_uri`, by which clients of one sector vouch for each
//! other (OIDC Registration, section 5). The caller supplies the fetcher.

use async_trait::async_trait;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::SecretHash;
use countersign_store::registration::InitialAccessToken;

use super::{ClientError, Clients};

/// Fetches what an address lists, within limits, and never from the internal network.
#[async_trait]
pub trait SectorIdentifiers: Send + Sync {
    /// The addresses that are listed at `sector_identifier_uri`.
    ///
    /// # Errors
    /// Returns a [`SectorFault`] if there is no such list.
    async fn listed(&self, sector_identifier_uri: &str) -> Result<Vec<String>, SectorFault>;
}

/// Why a client's sector could not be proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectorFault {
    #[error("sector_identifier_uri could not be fetched: {0}")]
    NotFetched(String),
    #[error("sector_identifier_uri returned the status {0}")]
    Status(u16),
    #[error("sector_identifier_uri did not return a JSON array of strings")]
    NotAList,
    #[error("sector_identifier_uri does not list {uri}")]
    NotListed { uri: String },
    #[error(
        "sector_identifier_uri proves nothing of a client without redirect_uris and without jwks_uri"
    )]
    NothingToCompare,
}

/// A fetcher that fetches nothing, so that no sector can be proven.
pub(super) struct NothingFetched;

#[async_trait]
impl SectorIdentifiers for NothingFetched {
    async fn listed(&self, _: &str) -> Result<Vec<String>, SectorFault> {
        Err(SectorFault::NotFetched(
            "nothing is fetched here".to_owned(),
        ))
    }
}

/// What a `sector_identifier_uri` must list for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sector {
    uri: String,
    must_list: Vec<String>,
}

impl Sector {
    /// `None` if the client names no address. A client without redirect URIs is known by its
    /// `jwks_uri`, which only whoever holds its keys controls (CIBA, section 4).
    pub fn of(metadata: &ClientMetadata) -> Option<Sector> {
        let uri = metadata.sector_identifier_uri.clone()?;
        let must_list = match metadata.redirect_uris.is_empty() {
            true => metadata.jwks_uri.iter().cloned().collect(),
            false => metadata.redirect_uris.clone(),
        };
        Some(Sector { uri, must_list })
    }
}

impl Clients {
    /// "The values of the registered redirect_uris MUST be included in the elements of the array"
    /// (OpenID Connect Registration, section 5), compared as they are written. A list of which
    /// nothing would be compared proves nothing.
    ///
    /// # Errors
    /// Returns [`ClientError::Sector`].
    pub(super) async fn prove(&self, sector: Option<Sector>) -> Result<(), ClientError> {
        let Some(sector) = sector else {
            return Ok(());
        };
        if sector.must_list.is_empty() {
            return Err(SectorFault::NothingToCompare.into());
        }
        let listed = self.sectors.listed(&sector.uri).await?;
        let missing = |uri: &String| !listed.contains(uri);
        match sector.must_list.into_iter().find(missing) {
            None => Ok(()),
            Some(uri) => Err(SectorFault::NotListed { uri }.into()),
        }
    }

    /// Nothing is fetched for clients that may not register anyway. The act itself decides whether
    /// the token is valid.
    ///
    /// # Errors
    /// Returns [`ClientError::InitialAccessTokenRefused`] or [`ClientError::Store`].
    pub(super) async fn refuse_unknown(
        &self,
        presented: &SecretHash,
        now: i64,
    ) -> Result<(), ClientError> {
        let known = self.context.store.initial_access_tokens().await?;
        let is_it = |token: &InitialAccessToken| token.hash == *presented && token.is_valid(now);
        match known.iter().any(is_it) {
            true => Ok(()),
            false => Err(ClientError::InitialAccessTokenRefused),
        }
    }
}
