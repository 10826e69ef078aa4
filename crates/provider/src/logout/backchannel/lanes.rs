//! Calls in parallel, within bounds. Each client has one lane at a time in a process, so the calls
//! to a slow one delay its own only.
//!
//! A lane takes a permit before it claims calls, and claims no more than it can make within the
//! lease. Clients that were slow or out of reach the last time share a small part of all permits,
//! so that any number of them leaves most to the others. Where a client can't be reached the rest
//! of the batch is put back, and after a pause a single call finds out whether it has returned.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign_store::StoreError;
use countersign_store::logout::{LogoutCall, LogoutCallOutcome, SettledLogoutCall};
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::call::{self, Made};
use super::wait;
use crate::Provider;

/// Makes calls for as long as it is polled.
pub(super) async fn make_calls(provider: &Provider) {
    let lanes = Lanes::new(provider);
    // They end with this.
    let mut running = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        let now = provider.now();
        match provider.store.clients_with_due_logout_calls(now).await {
            Ok(clients) => {
                for client_id in clients {
                    if let Some(busy) = lanes.enter(&client_id, now) {
                        let (provider, lanes) = (provider.clone(), Arc::clone(&lanes));
                        running.spawn(async move {
                            let busy = busy;
                            lanes.run(&provider, &busy.client_id).await;
                        });
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "can't read the logout calls; trying again"),
        }
        wait(provider, &provider.wake.calls).await;
    }
}

struct Lanes {
    permits: Arc<Semaphore>,
    /// A part of all permits, for those in `strained`.
    permits_of_strained: Arc<Semaphore>,
    /// Clients that have a lane.
    busy: Arc<Mutex<HashSet<String>>>,
    strained: Mutex<HashMap<String, Strain>>,
}

/// A client that was slow or out of reach the last time.
#[derive(Clone, Copy, Default)]
struct Strain {
    /// How often in a row it could not be reached.
    failures: u32,
    /// It is left alone until then, Unix seconds.
    pause_until: i64,
}

impl Lanes {
    fn new(provider: &Provider) -> Arc<Lanes> {
        let all = provider.settings.logout.backchannel_max_parallel as usize;
        let of_strained = (all / PART_OF_STRAINED).max(1);
        Arc::new(Lanes {
            permits: Arc::new(Semaphore::new(all.saturating_sub(of_strained))),
            permits_of_strained: Arc::new(Semaphore::new(of_strained)),
            busy: Arc::default(),
            strained: Mutex::default(),
        })
    }

    /// `None` if the client has a lane, or is left alone for now.
    fn enter(&self, client_id: &str, now: i64) -> Option<Busy> {
        let strain = self.strained.lock().get(client_id).copied();
        if strain.is_some_and(|strain| strain.pause_until > now) {
            return None;
        }
        if !self.busy.lock().insert(client_id.to_owned()) {
            return None;
        }
        Some(Busy {
            busy: Arc::clone(&self.busy),
            client_id: client_id.to_owned(),
        })
    }

    /// Makes the client's calls until none is due, or it can't be reached.
    async fn run(&self, provider: &Provider, client_id: &str) {
        loop {
            match self.batch(provider, client_id).await {
                Ok(Next::More) => {}
                Ok(Next::Later) => return,
                Err(error) => {
                    tracing::warn!(%error, client_id, "can't settle logout calls; trying again");
                    return;
                }
            }
        }
    }

    async fn batch(&self, provider: &Provider, client_id: &str) -> Result<Next, StoreError> {
        let strain = self.strained.lock().get(client_id).copied();
        let strained = strain.is_some();
        let parallel = match strained {
            true => 1,
            false => provider.settings.logout.backchannel_max_parallel_per_client,
        };
        let Some(permits) = self.permits(strained, parallel).await else {
            return Ok(Next::Later);
        };
        let parallel = permits.len();
        let limit = if strained { 1 } else { parallel * ROUNDS };
        let now = provider.now();
        let lease = provider.settings.logout.backchannel_timeout_seconds * ROUNDS as i64;
        let calls = provider
            .store
            .claim_logout_calls(client_id, limit as u32, now + lease + LEASE_SECONDS, now)
            .await?;
        if calls.is_empty() {
            return Ok(Next::Later);
        }
        let (started, number) = (Instant::now(), calls.len());
        let unreached = AtomicBool::new(false);
        let settled: Vec<SettledLogoutCall> = stream::iter(calls)
            .map(|call| make_or_put_back(provider, call, &unreached))
            .buffer_unordered(parallel)
            .collect()
            .await;
        provider.store.settle_logout_calls(&settled).await?;
        let unreached = unreached.into_inner();
        let rounds = number.div_ceil(parallel) as u32;
        let slow = started.elapsed() > SLOW * rounds;
        let mut all_strained = self.strained.lock();
        if unreached {
            let failures = strain.unwrap_or_default().failures.saturating_add(1);
            let pause_until = call::again_at(provider, failures);
            let strain = Strain {
                failures,
                pause_until,
            };
            all_strained.insert(client_id.to_owned(), strain);
            return Ok(Next::Later);
        }
        match slow {
            true => all_strained.insert(client_id.to_owned(), Strain::default()),
            false => all_strained.remove(client_id),
        };
        Ok(Next::More)
    }

    /// One permit, and up to `parallel` where they are free.
    async fn permits(&self, strained: bool, parallel: u32) -> Option<Vec<OwnedSemaphorePermit>> {
        let from = match strained {
            true => &self.permits_of_strained,
            false => &self.permits,
        };
        // An error says that the semaphore was closed, which it never is.
        let mut permits = vec![Arc::clone(from).acquire_owned().await.ok()?];
        while permits.len() < parallel as usize
            && let Ok(permit) = Arc::clone(from).try_acquire_owned()
        {
            permits.push(permit);
        }
        Some(permits)
    }
}

enum Next {
    More,
    Later,
}

/// Makes a call, unless the client has just turned out to be out of reach.
async fn make_or_put_back(
    provider: &Provider,
    call: LogoutCall,
    unreached: &AtomicBool,
) -> SettledLogoutCall {
    let sid = call.sid;
    let outcome = match unreached.load(Ordering::Relaxed) {
        // Due at once: it is the client that is left alone for a while.
        true => LogoutCallOutcome::Again {
            attempts: call.attempts,
            due_at: provider.now(),
        },
        false => match call::make(provider, &call).await {
            Made::Finished => LogoutCallOutcome::Finished,
            Made::Failed(outcome) => outcome,
            Made::Unreached(outcome) => {
                unreached.store(true, Ordering::Relaxed);
                outcome
            }
        },
    };
    SettledLogoutCall { sid, outcome }
}

/// A client's place among those that have a lane. It is free again when this is dropped, after a
/// panic too.
struct Busy {
    busy: Arc<Mutex<HashSet<String>>>,
    client_id: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.busy.lock().remove(&self.client_id);
    }
}

/// How many calls one after the other a claim holds, for each permit.
const ROUNDS: usize = 2;

/// Beyond the time that the calls themselves may take.
const LEASE_SECONDS: i64 = 5;

/// A client that takes longer for one call counts as strained.
const SLOW: Duration = Duration::from_secs(1);

/// Strained clients share one permit in so many.
const PART_OF_STRAINED: usize = 4;
