//! How many clients a network may register without an initial access token.

use countersign_store::throttle::{Attempt, Limit};

use super::fault::RegisterFault;
use crate::Provider;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::throttle::per_network;

/// Counts a registration.
///
/// # Errors
/// Returns [`RegisterFault::UsedUp`] if the allowance of the network is used up. Without a known
/// address nothing is counted: all clients would share one allowance.
pub async fn count(provider: &Provider, exchange: &Exchange) -> Result<(), Failure> {
    let settings = &provider.settings.registration;
    let limit = Limit {
        attempts: settings.clients_per_network,
        window_seconds: settings.window_seconds,
    };
    let counts = per_network("register: network", exchange, limit);
    match provider
        .store
        .count_attempts(&counts, provider.now())
        .await?
    {
        Attempt::Allowed => Ok(()),
        Attempt::Refused(refused) => {
            let wait = refused.retry_after_seconds;
            Err(Failure::from(RegisterFault::UsedUp).retry_after(wait))
        }
    }
}
