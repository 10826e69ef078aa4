//! The public keys of clients: those registered by value (`jwks`), else those fetched from the
//! client's own address (`jwks_uri`; RFC 7591, section 2).
//!
//! Fetched keys are kept for [`MAX_AGE_SECONDS`]. Within that time, an assertion that no known key
//! verifies makes them be fetched again, at most every [`MIN_INTERVAL_SECONDS`]: a client that
//! rotates its keys is not refused for long, and a stranger who makes up key ids causes no more
//! requests than that. Requests that need the same keys at once share one fetch, and no lock is
//! held while it runs.

mod fetch;
mod remote;

use std::collections::HashMap;
use std::sync::Arc;

use countersign_fetch::Outbound;
use parking_lot::Mutex;

use crate::client_keys::ClientKeys;
use crate::clients::Registered;
use remote::Remote;

pub use fetch::KeysUnavailable;

/// How long fetched keys are used before they are fetched again, in seconds. A key that the client
/// withdraws is accepted for no longer, as long as its address responds.
pub const MAX_AGE_SECONDS: u64 = 300;

/// The least time between two fetches for one client, in seconds.
pub const MIN_INTERVAL_SECONDS: u64 = 15;

/// How long fetched keys are used if its address does not respond, in seconds.
pub const MAX_AGE_WITHOUT_RESPONSE_SECONDS: u64 = 3600;

/// More clients' fetched keys are not kept at once.
const MAX_REMOTES: usize = 4096;

/// The keys of all clients that register an address.
pub struct FetchedKeys {
    outbound: Outbound,
    remotes: Mutex<HashMap<Address, Arc<Remote>>>,
}

/// Per client, so that one client's requests don't use up the interval of another's.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Address {
    client_id: String,
    jwks_uri: String,
}

impl FetchedKeys {
    pub(crate) fn new(outbound: Outbound) -> FetchedKeys {
        FetchedKeys {
            outbound,
            remotes: Mutex::default(),
        }
    }

    /// The client's keys; `None` if it registered none. `now_ms` is monotonic, in milliseconds.
    ///
    /// # Errors
    /// Returns [`KeysUnavailable`] if they can't be fetched and none are known that may be used.
    pub async fn of(
        &self,
        client: &Registered,
        now_ms: u64,
    ) -> Result<Option<Arc<ClientKeys>>, KeysUnavailable> {
        if let Some(by_value) = &client.keys {
            return Ok(Some(Arc::clone(by_value)));
        }
        match self.remote(client) {
            Some(remote) => remote.keys(&self.outbound, None, now_ms).await.map(Some),
            None => Ok(None),
        }
    }

    /// The client's keys if they are others than `outdated`, fetched again if that is allowed by
    /// now.
    pub async fn newer_than(
        &self,
        outdated: &Arc<ClientKeys>,
        client: &Registered,
        now_ms: u64,
    ) -> Option<Arc<ClientKeys>> {
        let remote = self.remote(client).filter(|_| client.keys.is_none())?;
        let newer = remote.keys(&self.outbound, Some(outdated), now_ms).await;
        newer.ok()
    }

    /// The keys of someone else than a client, at their address; other ones than `outdated` if that
    /// is given.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub async fn at(
        &self,
        name: &str,
        jwks_uri: &str,
        outdated: Option<&Arc<ClientKeys>>,
        now_ms: u64,
    ) -> Result<Arc<ClientKeys>, KeysUnavailable> {
        let remote = self.remote_at(Address {
            client_id: name.to_owned(),
            jwks_uri: jwks_uri.to_owned(),
        });
        remote.keys(&self.outbound, outdated, now_ms).await
    }

    fn remote(&self, client: &Registered) -> Option<Arc<Remote>> {
        Some(self.remote_at(Address {
            client_id: client.client_id.clone(),
            jwks_uri: client.metadata.jwks_uri.clone()?,
        }))
    }

    fn remote_at(&self, address: Address) -> Arc<Remote> {
        let mut remotes = self.remotes.lock();
        if remotes.len() >= MAX_REMOTES && !remotes.contains_key(&address) {
            // Those in use now stay; if all are, they are fetched again when they are next needed.
            remotes.retain(|_, remote| Arc::strong_count(remote) > 1);
            if remotes.len() >= MAX_REMOTES {
                remotes.clear();
            }
        }
        let remote = remotes
            .entry(address)
            .or_insert_with_key(|address| Arc::new(Remote::at(address.clone())));
        Arc::clone(remote)
    }
}
