//! All open connections: who may come in, who has to go.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::activity::{Activity, Phase};
use super::limits::Limits;

/// How long a connection that was asked to close may take, in milliseconds.
const PATIENCE: u64 = 1_000;

/// How a connection has to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Urgency {
    /// Not at all.
    Open = 0,
    /// When nothing runs on it.
    WhenIdle = 1,
    /// Now, unless a request began on it meanwhile.
    UnlessServing = 2,
    /// Now.
    AtOnce = 3,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) activity: Arc<Activity>,
    urgency: AtomicU8,
    asked_at: AtomicU64,
    wake: Notify,
}

impl Entry {
    /// Waits until the connection is asked to close, or asked again.
    pub(super) async fn asked_to_close(&self) -> Urgency {
        self.wake.notified().await;
        match self.urgency.load(Relaxed) {
            0 => Urgency::Open,
            1 => Urgency::WhenIdle,
            2 => Urgency::UnlessServing,
            _ => Urgency::AtOnce,
        }
    }

    /// The connection goes on: a request came before it could be closed.
    pub(super) fn reprieve(&self) {
        _ = self.urgency.compare_exchange(
            Urgency::UnlessServing as u8,
            Urgency::Open as u8,
            Relaxed,
            Relaxed,
        );
    }

    fn is_open(&self) -> bool {
        self.urgency.load(Relaxed) == Urgency::Open as u8
    }

    fn ask(&self, urgency: Urgency, now: u64) {
        if self.urgency.fetch_max(urgency as u8, Relaxed) < urgency as u8 {
            self.asked_at.store(now, Relaxed);
            self.wake.notify_one();
        }
    }
}

/// A connection's place among the open ones. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) entry: Arc<Entry>,
    id: u64,
    registry: Arc<Registry>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut entries = self.registry.entries.lock();
        entries.by_id.remove(&self.id);
        if entries.by_id.is_empty() {
            self.registry.empty.notify_waiters();
        }
    }
}

#[derive(Debug)]
pub(super) struct Registry {
    capacity: usize,
    started: Instant,
    clock: Arc<AtomicU64>,
    entries: Mutex<Entries>,
    empty: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    next_id: u64,
    by_id: HashMap<u64, Arc<Entry>>,
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            started: Instant::now(),
            clock: Arc::default(),
            entries: Mutex::default(),
            empty: Notify::new(),
        }
    }

    /// A place for one more connection, if there is one.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Ticket> {
        let mut entries = self.entries.lock();
        if entries.by_id.len() >= self.capacity {
            return None;
        }
        let entry = Arc::new(Entry {
            activity: Arc::new(Activity::new(Arc::clone(&self.clock))),
            urgency: AtomicU8::new(Urgency::Open as u8),
            asked_at: AtomicU64::new(0),
            wake: Notify::new(),
        });
        let id = entries.next_id;
        entries.next_id += 1;
        entries.by_id.insert(id, Arc::clone(&entry));
        Some(Ticket {
            entry,
            id,
            registry: Arc::clone(self),
        })
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> usize {
        self.entries.lock().by_id.len()
    }

    /// Closes the longest idle connections, a sixty-fourth of the capacity, so that a flood of new ones doesn't make us look for each.
    /// Their places are free at once. Returns how many.
    pub(super) fn close_longest_idle(&self) -> usize {
        let now = self.clock.load(Relaxed);
        let mut entries = self.entries.lock();
        let mut idle: Vec<(u64, u64)> = entries
            .by_id
            .iter()
            .filter(|(_, entry)| entry.is_open() && !entry.activity.is_serving())
            .map(|(id, entry)| (u64::MAX - entry.activity.age(), *id))
            .collect();
        let count = (self.capacity / 64).max(1).min(idle.len());
        if count > 0 && count < idle.len() {
            idle.select_nth_unstable(count - 1);
        }
        for (_, id) in idle.iter().take(count) {
            if let Some(entry) = entries.by_id.remove(id) {
                entry.ask(Urgency::AtOnce, now);
            }
        }
        count
    }

    pub(super) fn close_all(&self, urgency: Urgency) {
        let now = self.clock.load(Relaxed);
        for entry in self.entries.lock().by_id.values() {
            entry.ask(urgency, now);
        }
    }

    /// Completes when no connection is open.
    pub(super) async fn emptied(&self) {
        loop {
            let notified = self.empty.notified();
            if self.open() == 0 {
                return;
            }
            notified.await;
        }
    }

    /// Advances the clock and closes what has outlived its limit.
    pub(super) fn sweep(&self, limits: &Limits) {
        let milliseconds =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let now = milliseconds(self.started.elapsed());
        self.clock.store(now, Relaxed);
        let header = milliseconds(limits.header_read_timeout);
        let keep_alive = milliseconds(limits.keep_alive);
        // Work on a request has time-outs of its own; what is left is a peer that doesn't take its answer.
        let answer = milliseconds(limits.body_read_timeout + limits.request_timeout)
            .saturating_add(PATIENCE);
        for entry in self.entries.lock().by_id.values() {
            let age = entry.activity.age();
            let asked = now.saturating_sub(entry.asked_at.load(Relaxed));
            match entry.activity.phase() {
                Phase::Fresh | Phase::Header if age > header => {
                    entry.ask(Urgency::UnlessServing, now)
                }
                Phase::Idle if age > keep_alive => entry.ask(Urgency::WhenIdle, now),
                Phase::Serving if age > answer => entry.ask(Urgency::AtOnce, now),
                _ => {}
            }
            if !entry.is_open() && !entry.activity.is_serving() && asked > PATIENCE {
                entry.ask(Urgency::AtOnce, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_places_are_used_up_the_longest_idle_connection_goes_and_a_serving_one_never() {
        let registry = Arc::new(Registry::new(3));
        let (serving, old, young) = (
            registry.admit().unwrap(),
            registry.admit().unwrap(),
            registry.admit().unwrap(),
        );
        let running = serving.entry.activity.begin();
        assert!(registry.admit().is_none());
        registry.clock.store(50, Relaxed);
        young.entry.activity.read(b"G");
        assert_eq!(registry.close_longest_idle(), 1);
        assert!(!old.entry.is_open() && young.entry.is_open() && serving.entry.is_open());
        let newest = registry.admit().unwrap();
        drop(old);
        assert_eq!(registry.open(), 3, "a place is freed once");
        let all_serving = [young.entry.activity.begin(), newest.entry.activity.begin()];
        assert_eq!(registry.close_longest_idle(), 0);
        drop((running, all_serving));
    }
}
