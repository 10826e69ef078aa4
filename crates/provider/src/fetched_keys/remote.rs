//! The keys at one address, and the one fetch that may be under way.

use std::sync::Arc;

use countersign_fetch::Outbound;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::fetch::fetch;
use super::{
    Address, KeysUnavailable, MAX_AGE_SECONDS, MAX_AGE_WITHOUT_RESPONSE_SECONDS,
    MIN_INTERVAL_SECONDS,
};
use crate::client_keys::ClientKeys;

pub(super) struct Remote {
    address: Address,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fetched: Option<Fetched>,
    /// When the last fetch began.
    began_at_ms: Option<u64>,
    /// Why the last fetch brought nothing.
    failure: Option<KeysUnavailable>,
    /// Closed when the fetch that is under way has ended.
    under_way: Option<watch::Receiver<()>>,
}

struct Fetched {
    keys: Arc<ClientKeys>,
    at_ms: u64,
}

/// What is to be done for keys.
enum Step {
    Use(Arc<ClientKeys>),
    WaitFor(watch::Receiver<()>),
    GiveUp(KeysUnavailable),
}

impl Remote {
    pub(super) fn at(address: Address) -> Remote {
        Remote {
            address,
            state: Mutex::default(),
        }
    }

    /// The keys there, other ones than `outdated` if that is given.
    pub(super) async fn keys(
        self: &Arc<Self>,
        outbound: &Outbound,
        outdated: Option<&Arc<ClientKeys>>,
        now_ms: u64,
    ) -> Result<Arc<ClientKeys>, KeysUnavailable> {
        let mut ended = match self.next(outbound, outdated, now_ms) {
            Step::Use(keys) => return Ok(keys),
            Step::GiveUp(failure) => return Err(failure),
            Step::WaitFor(ended) => ended,
        };
        // Nothing is ever sent: it is closed when the fetch has ended.
        while ended.changed().await.is_ok() {}
        self.state.lock().found(outdated, now_ms)
    }

    fn next(
        self: &Arc<Self>,
        outbound: &Outbound,
        outdated: Option<&Arc<ClientKeys>>,
        now_ms: u64,
    ) -> Step {
        let mut state = self.state.lock();
        if let Some(keys) = state.usable(outdated, MAX_AGE_SECONDS, now_ms) {
            return Step::Use(keys);
        }
        if let Some(under_way) = &state.under_way {
            return Step::WaitFor(under_way.clone());
        }
        let is_too_soon = |at_ms| now_ms.saturating_sub(at_ms) < MIN_INTERVAL_SECONDS * 1000;
        if state.began_at_ms.is_some_and(is_too_soon) {
            return match state.found(outdated, now_ms) {
                Ok(keys) => Step::Use(keys),
                Err(failure) => Step::GiveUp(failure),
            };
        }
        let (end, ended) = watch::channel(());
        state.began_at_ms = Some(now_ms);
        state.under_way = Some(ended.clone());
        // A task of its own: a client that hangs up does not take the keys from those who wait too.
        tokio::spawn(fetch_into(Arc::clone(self), outbound.clone(), end, now_ms));
        Step::WaitFor(ended)
    }
}

async fn fetch_into(
    remote: Arc<Remote>,
    outbound: Outbound,
    end: watch::Sender<()>,
    began_at_ms: u64,
) {
    let landing = Landing(&remote);
    let fetched = fetch(&outbound, &remote.address.jwks_uri).await;
    if let Err(failure) = &fetched {
        tracing::warn!(
            act = "client_keys.fetch",
            client_id = remote.address.client_id,
            reason = %failure,
            "can't fetch a client's keys"
        );
    }
    {
        let mut state = remote.state.lock();
        match fetched {
            Ok(keys) => {
                state.fetched = Some(Fetched {
                    keys: Arc::new(keys),
                    at_ms: began_at_ms,
                });
                state.failure = None;
            }
            Err(failure) => state.failure = Some(failure),
        }
    }
    drop(landing);
    drop(end);
}

/// However a fetch ends, none is under way then.
struct Landing<'a>(&'a Remote);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.state.lock().under_way = None;
    }
}

impl State {
    /// What is known, at most that old.
    fn usable(
        &self,
        outdated: Option<&Arc<ClientKeys>>,
        max_age_seconds: u64,
        now_ms: u64,
    ) -> Option<Arc<ClientKeys>> {
        let fetched = self.fetched.as_ref()?;
        let is_young = now_ms.saturating_sub(fetched.at_ms) < max_age_seconds * 1000;
        let is_outdated = outdated.is_some_and(|known| Arc::ptr_eq(known, &fetched.keys));
        (is_young && !is_outdated).then(|| Arc::clone(&fetched.keys))
    }

    /// What there is when no fetch is to be waited for.
    fn found(
        &self,
        outdated: Option<&Arc<ClientKeys>>,
        now_ms: u64,
    ) -> Result<Arc<ClientKeys>, KeysUnavailable> {
        self.usable(outdated, MAX_AGE_WITHOUT_RESPONSE_SECONDS, now_ms)
            .ok_or_else(|| {
                let failure = self.failure.clone();
                failure.unwrap_or(KeysUnavailable::Interrupted)
            })
    }
}
