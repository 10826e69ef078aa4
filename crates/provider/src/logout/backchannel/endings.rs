//! Reads the outbox, and makes of each ending the calls that it needs.
//!
//! This is the only reader of the outbox so far, so it takes every event and marks it as delivered,
//! endings or not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use countersign_store::events::{EventKind, StoredEvent};
use countersign_store::logout::{ClientSessionsOf, NewLogoutCall};
use countersign_store::{ClientSessionId, SessionId, StoreError};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::sweep::{self, Sweep};
use super::{BATCH, wait};
use crate::Provider;

/// Reads endings for as long as it is polled.
pub(super) async fn read(provider: &Provider) {
    let mut reader = Reader::new(provider.clone());
    loop {
        match reader.read_batch().await {
            Ok(events) if events >= BATCH as usize => tokio::task::yield_now().await,
            Ok(_) => wait(provider, &provider.wake.endings).await,
            Err(error) => {
                tracing::warn!(%error, "can't read endings from the outbox; trying again");
                wait(provider, &provider.wake.endings).await;
            }
        }
    }
}

struct Reader {
    provider: Provider,
    /// Sweeps that are under way: they end with the reader.
    sweeps: JoinSet<()>,
    /// The events of those. One whose claim has expired meanwhile is not swept twice at once.
    sweeping: Arc<Mutex<HashSet<i64>>>,
    turns: Arc<Semaphore>,
}

impl Reader {
    fn new(provider: Provider) -> Reader {
        Reader {
            provider,
            sweeps: JoinSet::new(),
            sweeping: Arc::default(),
            turns: Arc::new(Semaphore::new(SWEEPS_AT_ONCE)),
        }
    }

    /// Works off a batch of events, and returns how many there were. The calls are durable before
    /// their events are marked.
    async fn read_batch(&mut self) -> Result<usize, StoreError> {
        while self.sweeps.try_join_next().is_some() {}
        let store = Arc::clone(&self.provider.store);
        let now = self.provider.now();
        let events = store.claim_events(BATCH, now + LEASE_SECONDS, now).await?;
        let mut receivers = Receivers::default();
        let mut calls = Vec::new();
        let mut done = Vec::with_capacity(events.len());
        for event in &events {
            match ending(event) {
                Some(Ending::Session(id)) => {
                    let beneath = self.calls_beneath(&id, event, &mut receivers).await?;
                    calls.extend(beneath);
                    done.push(event.id);
                }
                Some(Ending::ClientSession(call)) => {
                    if receivers.takes(&self.provider, &call.client_id).await? {
                        calls.push(call);
                    }
                    done.push(event.id);
                }
                Some(Ending::Many(sweep)) => self.sweep(event.id, sweep),
                None => done.push(event.id),
            }
        }
        store.add_logout_calls(&calls, now).await?;
        if !calls.is_empty() {
            self.provider.wake.calls.notify_one();
        }
        if !done.is_empty() {
            store.finish_events(&done, now).await?;
        }
        Ok(events.len())
    }

    /// The calls of a browser session's end: to each client whose session ended with it.
    async fn calls_beneath(
        &self,
        id: &SessionId,
        event: &StoredEvent,
        receivers: &mut Receivers,
    ) -> Result<Vec<NewLogoutCall>, StoreError> {
        let of = ClientSessionsOf::BrowserSession(id);
        let store = &self.provider.store;
        let mut calls = Vec::new();
        let mut after = None;
        loop {
            let page = store.client_sessions(of, after.as_ref(), BATCH).await?;
            let Some(last) = page.last() else {
                return Ok(calls);
            };
            after = Some(last.session.sid);
            // One that had ended by itself was told of then.
            let live = page.into_iter().filter(|one| one.session.ended.is_none());
            for one in live {
                if receivers
                    .takes(&self.provider, &one.session.client_id)
                    .await?
                {
                    calls.push(NewLogoutCall {
                        sid: one.session.sid,
                        client_id: one.session.client_id,
                        sub: one.sub,
                        ended_at: event.at,
                    });
                }
            }
        }
    }

    /// Starts a sweep, which marks its event as delivered when it is done.
    fn sweep(&mut self, event: i64, sweep: Sweep) {
        if !self.sweeping.lock().insert(event) {
            return;
        }
        let (provider, turns) = (self.provider.clone(), Arc::clone(&self.turns));
        let entry = Entry {
            sweeping: Arc::clone(&self.sweeping),
            event,
        };
        self.sweeps.spawn(async move {
            let entry = entry;
            let Ok(_turn) = turns.acquire().await else {
                return;
            };
            if let Err(error) = sweep::carry_out(&provider, &sweep, entry.event).await {
                tracing::warn!(%error, "can't end the sessions of an ending; trying again");
            }
        });
    }
}

/// Leaves the set of sweeps when it is dropped, after a panic too.
struct Entry {
    sweeping: Arc<Mutex<HashSet<i64>>>,
    event: i64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.sweeping.lock().remove(&self.event);
    }
}

enum Ending {
    Session(SessionId),
    ClientSession(NewLogoutCall),
    /// One act that ended any number of sessions without naming them.
    Many(Sweep),
}

/// What an event ends that applications are told of.
fn ending(event: &StoredEvent) -> Option<Ending> {
    let unreadable = || {
        tracing::error!(event = event.id, kind = ?event.kind, "an ending does not say what ended");
        None
    };
    match event.kind {
        EventKind::SessionEnded => match about(event) {
            Some(id) => Some(Ending::Session(id)),
            None => unreadable(),
        },
        EventKind::ClientSessionEnded => {
            match (
                about::<ClientSessionId>(event),
                &event.client_id,
                &event.sub,
            ) {
                (Some(sid), Some(client_id), Some(sub)) => {
                    Some(Ending::ClientSession(NewLogoutCall {
                        sid,
                        client_id: client_id.clone(),
                        sub: sub.clone(),
                        ended_at: event.at,
                    }))
                }
                _ => unreadable(),
            }
        }
        EventKind::UserEnded
        | EventKind::UserDisabled
        | EventKind::UserDeleted
        | EventKind::PasswordChanged => match &event.sub {
            Some(sub) => Some(Ending::Many(Sweep::User(sub.clone()))),
            None => unreadable(),
        },
        EventKind::ConsentWithdrawn => match (&event.sub, &event.client_id) {
            (Some(sub), Some(client_id)) => Some(Ending::Many(Sweep::Consent {
                sub: sub.clone(),
                client_id: client_id.clone(),
                withdrawn_at: event.at,
            })),
            _ => unreadable(),
        },
        EventKind::BackupRestored => Some(Ending::Many(Sweep::Everyone)),
        // A client that has ended or was disabled is told nothing more: it may be what was stolen.
        _ => None,
    }
}

fn about<T: std::str::FromStr>(event: &StoredEvent) -> Option<T> {
    event.about.as_deref()?.parse().ok()
}

/// Which clients have an address for logout tokens, read once for a batch.
#[derive(Default)]
struct Receivers(HashMap<String, bool>);

impl Receivers {
    async fn takes(&mut self, provider: &Provider, client_id: &str) -> Result<bool, StoreError> {
        if let Some(known) = self.0.get(client_id) {
            return Ok(*known);
        }
        let found = provider.clients.find(&*provider.store, client_id).await;
        let takes = match found {
            Ok(client) => {
                client.is_some_and(|client| client.metadata.backchannel_logout_uri.is_some())
            }
            // One client whose record can't be read does not keep the others from being told.
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, client_id, "an application can't be told of a logout");
                false
            }
            Err(error) => return Err(error),
        };
        self.0.insert(client_id.to_owned(), takes);
        Ok(takes)
    }
}

/// For how long events are claimed: for a batch that takes milliseconds, and after a crash they are
/// to be read soon.
const LEASE_SECONDS: i64 = 10;

const SWEEPS_AT_ONCE: usize = 4;
