//! Documents of clients that no one registered: the `client_id` is the https address of the
//! client's own metadata ([Client ID Metadata Documents]). This module decides which documents are
//! accepted, and fetches and caches them. [`clients`](crate::clients) makes clients of them.
//!
//! | what | where |
//! |---|---|
//! | the rules for the address, and for what a document holds | `oauth::client_id_url`, `oauth::client_metadata` |
//! | which hosts, and for which documents an operator vouches | here |
//! | one request, within the limits of `client_documents` | `fetch` |
//! | for how long a document is used (RFC 9111) | `freshness` |
//! | what is known, and the one fetch of each document that may be under way | [`shelf`](crate::shelf) |
//!
//! Errors and refused documents are never cached, and never replace an accepted document.
//!
//! [Client ID Metadata Documents]: https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/

pub mod fault;
mod fetch;
mod freshness;

use std::sync::Arc;
use std::time::Duration;

use countersign_fetch::Outbound;
use countersign_oauth::client_id_url::{ClientIdUrl, is_client_id_url};
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};

use crate::error::Failure;
use crate::offered;
use crate::settings::{ClientDocuments as DocumentSettings, DocumentAddress, Settings};
use crate::shelf::{Shelf, ShelfLimits};
use fault::ClientDocumentCause;

pub use fetch::DocumentUnavailable;

/// A document that was accepted.
#[derive(Debug, PartialEq)]
pub struct ClientDocument {
    pub metadata: ClientMetadata,
    /// The metadata in its stored form.
    pub text: String,
}

/// The rules for which documents are accepted, and the cache of accepted ones.
pub struct ClientDocuments {
    settings: DocumentSettings,
    outbound: Outbound,
    vouched_policy: ClientPolicy,
    unvouched_policy: ClientPolicy,
    known: Arc<Shelf<ClientDocument, DocumentUnavailable>>,
}

impl ClientDocuments {
    pub(crate) fn new(settings: &Settings, outbound: &Outbound) -> ClientDocuments {
        let own = &settings.client_documents;
        let policy = |vouched| {
            let offered = offered::to_documents(settings, vouched);
            ClientPolicy::self_registered(offered)
        };
        ClientDocuments {
            outbound: outbound.within(Duration::from_secs(own.timeout_seconds), own.max_bytes),
            vouched_policy: policy(true),
            unvouched_policy: policy(false),
            known: Arc::new(Shelf::new(ShelfLimits {
                max_kept: own.max_cached,
                max_parallel: own.max_parallel,
                max_parallel_per_host: own.max_parallel_per_host,
            })),
            settings: own.clone(),
        }
    }

    /// Whether a client_id is meant as the address of a document, accepted or not.
    pub fn means_one(client_id: &str) -> bool {
        is_client_id_url(client_id)
    }

    /// The address of a document that is accepted here. `None` if documents are disabled, so that
    /// such a client_id is unknown.
    ///
    /// # Errors
    /// Returns a [`ClientDocumentCause`] if it breaks a rule for such addresses, or the operator
    /// does not accept documents of its host.
    pub fn address(&self, client_id: &str) -> Result<Option<ClientIdUrl>, Failure> {
        if !self.settings.enabled {
            return Ok(None);
        }
        let url = ClientIdUrl::parse(client_id).map_err(|fault| {
            Failure::from(ClientDocumentCause::UrlInvalid).detail(format!(
                "the client_id is no address of a document: {fault}"
            ))
        })?;
        let is_named = |patterns: &[crate::settings::HostPattern]| {
            patterns.iter().any(|pattern| pattern.matches(url.host()))
        };
        let allowed = &self.settings.allowed_hosts;
        if is_named(&self.settings.denied_hosts) || !(allowed.is_empty() || is_named(allowed)) {
            let host = url.host();
            return Err(Failure::from(ClientDocumentCause::HostNotAllowed)
                .detail(format!("a client_id at the host {host}")));
        }
        Ok(Some(url))
    }

    /// Whether the operator vouches for exactly this document.
    pub fn is_vouched(&self, client_id: &str) -> bool {
        names(&self.settings.vouched, client_id)
    }

    /// Whether the operator lets exactly this client skip consent.
    pub fn skips_consent(&self, client_id: &str) -> bool {
        self.is_vouched(client_id) && names(&self.settings.insecure_skip_consent, client_id)
    }

    /// The last accepted document, however old.
    pub fn known(&self, client_id: &str) -> Option<Arc<ClientDocument>> {
        self.known.any_age(client_id)
    }

    /// The last accepted document, if it was still fresh that many seconds ago.
    pub fn known_since(
        &self,
        client_id: &str,
        seconds: u64,
        now_ms: u64,
    ) -> Option<Arc<ClientDocument>> {
        let then_ms = now_ms.saturating_sub(seconds.saturating_mul(1000));
        self.known.fresh_at(client_id, then_ms)
    }

    /// The document, which is fetched if it is unknown or stale. Concurrent requests for the same
    /// document share one fetch.
    ///
    /// # Errors
    /// Returns [`DocumentUnavailable`] if it can't be fetched or is refused.
    pub async fn current(
        &self,
        client_id: &ClientIdUrl,
        now_ms: u64,
    ) -> Result<Arc<ClientDocument>, DocumentUnavailable> {
        let (outbound, url) = (self.outbound.clone(), client_id.clone());
        let policy = self.policy(client_id.as_str()).clone();
        let settings = self.settings.clone();
        let fetch = || async move { fetch::fetch(&outbound, &url, &policy, &settings).await };
        let (address, host) = (client_id.as_str(), client_id.host());
        self.known.current(address, host, now_ms, fetch).await
    }

    /// Like [`current`](Self::current), but after a failed fetch does not try again for
    /// [`PAUSE_SECONDS`]. This is for requests that can continue with an earlier document, so that
    /// not every one of them waits for a host that does not respond.
    /// [`PAUSE_SECONDS`]: for requests that can go on with an earlier one, and that are not to wait
    /// for a host that does not respond, each of them anew.
    ///
    /// # Errors
    /// Returns [`DocumentUnavailable`] as [`current`](Self::current) does, and during the pause.
    pub async fn current_unless_failing(
        &self,
        client_id: &ClientIdUrl,
        now_ms: u64,
    ) -> Result<Arc<ClientDocument>, DocumentUnavailable> {
        match self
            .known
            .failed_within(client_id.as_str(), PAUSE_SECONDS, now_ms)
        {
            Some(failure) => Err(failure),
            None => self.current(client_id, now_ms).await,
        }
    }

    fn policy(&self, client_id: &str) -> &ClientPolicy {
        match self.is_vouched(client_id) {
            true => &self.vouched_policy,
            false => &self.unvouched_policy,
        }
    }
}

/// How long a failed fetch is not repeated by a request that has an earlier document.
pub const PAUSE_SECONDS: u64 = 60;

fn names(addresses: &[DocumentAddress], client_id: &str) -> bool {
    addresses
        .iter()
        .any(|address| address.as_str() == client_id)
}
