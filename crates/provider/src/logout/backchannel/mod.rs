//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): applications are told of a session
//! that has ended, whatever ended it.
//!
//! ```text
//! an ending ─ outbox ─> endings.rs ─ calls ─> lanes.rs ─ one by one ─> call.rs ─> application
//!                           └─ sweep.rs: the sessions that ended with a user, consent, backup
//! ```
//!
//! An ending writes its event in the act itself, so none is lost once it was acknowledged. Every
//! step from there on is repeated if it is interrupted: events and calls are claimed with a lease,
//! and the `jti` of a logout token follows from its session, so a receiver recognises a repetition.
//! Any number of replicas share the work.
//!
//! A session that merely expires is no ending: applications know its age, and the specification
//! asks for no call.

mod call;
mod endings;
pub mod fault;
mod lanes;
mod sweep;

use std::time::Duration;

use countersign_store::logout::LogoutCallLimits;
use tokio::sync::Notify;

use crate::Provider;
use fault::BackchannelFault;

/// Tells applications of endings for as long as it is polled. Nothing of it goes on when it is
/// dropped.
pub(crate) async fn tell(provider: Provider) {
    tokio::join!(endings::read(&provider), lanes::make_calls(&provider));
}

/// Drops what exceeds the limits, and says so.
pub(crate) async fn bound(provider: &Provider) {
    let settings = &provider.settings.logout;
    let limits = LogoutCallLimits {
        oldest_ended_at: provider.now() - settings.backchannel_max_age_seconds,
        max_per_client: settings.backchannel_max_pending_per_client,
    };
    loop {
        let dropped = match provider.store.drop_logout_calls(&limits, BATCH).await {
            Ok(dropped) => dropped,
            Err(error) => {
                tracing::warn!(%error, "can't bound the logout calls; trying again later");
                return;
            }
        };
        for dropped in &dropped {
            let cause = BackchannelFault::GivenUp.entry().name;
            let (client_id, calls) = (&dropped.client_id, dropped.calls);
            tracing::error!(cause, client_id, calls, "logout calls were dropped");
        }
        if dropped.iter().map(|dropped| dropped.calls).sum::<u64>() < u64::from(BATCH) {
            return;
        }
    }
}

/// Returns when `wake` says so, or after the time between two polls.
async fn wait(provider: &Provider, wake: &Notify) {
    let poll = Duration::from_millis(provider.settings.logout.backchannel_poll_milliseconds);
    // Elapsed or woken: either way it is time to look.
    _ = tokio::time::timeout(poll, wake.notified()).await;
}

/// How many records one step takes.
const BATCH: u32 = 500;
