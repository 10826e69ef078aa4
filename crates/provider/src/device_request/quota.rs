//! How many requests a client and a network may make: each is written down, and anyone can make
//! them in the name of a public client.

use countersign_store::throttle::{Attempt, Count, CounterKey};

use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::throttle::per_network;

/// Counts a request. Returns the seconds to wait if an allowance is used up.
///
/// # Errors
/// Returns a server fault if the store fails.
pub async fn count(
    provider: &Provider,
    client: &AuthenticatedClient,
    exchange: &Exchange,
) -> Result<Option<i64>, Failure> {
    let settings = &provider.settings.device;
    let mut counts = per_network("device: network", exchange, settings.per_address());
    counts.push(Count {
        key: CounterKey::new("device: client", &[client.client_id.as_bytes()]),
        limit: settings.per_client(),
    });
    let attempt = provider.store.count_attempts(&counts, provider.now());
    match attempt.await? {
        Attempt::Allowed => Ok(None),
        Attempt::Refused(refused) => Ok(Some(refused.retry_after_seconds)),
    }
}
