//! How many codes a browser session gets without a sign-in: one for each request, as fast as the
//! browser sends them, and each is written down. A single-page application that renews its tokens
//! needs a few in an hour; one that went into a loop would fill the disk.

use countersign_store::sessions::BrowserSession;
use countersign_store::throttle::{Attempt, Count, CounterKey};

use super::fault::AuthorizeFault;
use crate::Provider;
use crate::error::Failure;

/// Counts a code that a session gets without a sign-in.
///
/// # Errors
/// Returns [`AuthorizeFault::SessionCodesUsedUp`] if its allowance is used up: RFC 6749, section
/// 4.1.2.1, `temporarily_unavailable`. Nothing is written then.
pub async fn count(provider: &Provider, session: &BrowserSession) -> Result<(), Failure> {
    let count = Count {
        key: CounterKey::new("authorize: session", &[session.id.as_bytes()]),
        limit: provider.site.settings.sessions.codes(),
    };
    let now = provider.now();
    match provider.store.count_attempts(&[count], now).await? {
        Attempt::Allowed => Ok(()),
        Attempt::Refused(_) => Err(AuthorizeFault::SessionCodesUsedUp.into()),
    }
}
