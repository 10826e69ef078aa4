//! All open connections: who may come in, who has to go.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::activity::{Activity, Phase};
use super::limits::Limits;
use super::origin::Origin;

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
    UnlessRunning = 2,
    /// Now.
    AtOnce = 3,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) activity: Arc<Activity>,
    origin: Option<Origin>,
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
            2 => Urgency::UnlessRunning,
            _ => Urgency::AtOnce,
        }
    }

    /// Waits until the connection has to close, where nothing can run on it yet.
    pub(super) async fn told_to_close(&self) {
        while self.asked_to_close().await == Urgency::Open {}
    }

    /// The connection stays open: a request came before it could be closed.
    pub(super) fn reprieve(&self) {
        _ = self.urgency.compare_exchange(
            Urgency::UnlessRunning as u8,
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

/// How strong a claim a connection has to its place; the weakest loses it first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    /// The more its origin holds, the less. In powers of two: small differences don't outweigh what
    /// the connection is doing.
    origin: Reverse<u32>,
    /// The less would be lost, the less.
    progress: u8,
    /// The older, the less.
    age: Reverse<u64>,
}

impl Claim {
    /// None while the application works: that costs the peer nothing more and ends by itself.
    fn of(activity: &Activity, held: u32) -> Option<Self> {
        let progress = match activity.phase() {
            Phase::Idle => 0,
            Phase::Fresh | Phase::Header => 1,
            Phase::Body => 2,
            Phase::Responding => 3,
            Phase::Serving => return None,
        };
        Some(Self {
            origin: Reverse(held.checked_ilog2().unwrap_or(0)),
            progress,
            age: Reverse(activity.age()),
        })
    }
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
    pub(super) fn admit(self: &Arc<Self>, origin: Option<Origin>) -> Option<Ticket> {
        let mut entries = self.entries.lock();
        if entries.by_id.len() >= self.capacity {
            return None;
        }
        let entry = Arc::new(Entry {
            activity: Arc::new(Activity::new(Arc::clone(&self.clock))),
            origin,
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

    /// Closes connections that wait for their peer, a sixty-fourth of the capacity, so that a flood
    /// of new ones doesn't make us look for each. Their places are free at once. Returns how many;
    /// 0 where the application works on every one.
    ///
    /// Who holds the most places pays first, so that no one loses one to an origin that takes all,
    /// whatever it does with them.
    pub(super) fn make_room(&self) -> usize {
        let now = self.clock.load(Relaxed);
        let mut entries = self.entries.lock();
        let mut held: HashMap<Origin, u32> = HashMap::new();
        for origin in entries.by_id.values().filter_map(|entry| entry.origin) {
            *held.entry(origin).or_default() += 1;
        }
        let mut candidates: Vec<(Claim, u64)> = entries
            .by_id
            .iter()
            .filter(|(_, entry)| entry.is_open())
            .filter_map(|(id, entry)| {
                let held = entry.origin.and_then(|origin| held.get(&origin).copied());
                Some((Claim::of(&entry.activity, held.unwrap_or(1))?, *id))
            })
            .collect();
        let count = (self.capacity / 64).max(1).min(candidates.len());
        if count > 0 && count < candidates.len() {
            candidates.select_nth_unstable(count - 1);
        }
        for (_, id) in candidates.iter().take(count) {
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
        // Work on a request has time-outs of its own; what is left is a peer that doesn't take its
        // response.
        let response = milliseconds(limits.body_read_timeout + limits.request_timeout)
            .saturating_add(PATIENCE);
        for entry in self.entries.lock().by_id.values() {
            let age = entry.activity.age();
            let asked = now.saturating_sub(entry.asked_at.load(Relaxed));
            match entry.activity.phase() {
                Phase::Fresh | Phase::Header if age > header => {
                    entry.ask(Urgency::UnlessRunning, now)
                }
                Phase::Idle if age > keep_alive => entry.ask(Urgency::WhenIdle, now),
                Phase::Body | Phase::Serving | Phase::Responding if age > response => {
                    entry.ask(Urgency::AtOnce, now)
                }
                _ => {}
            }
            if !entry.is_open() && !entry.activity.is_running() && asked > PATIENCE {
                entry.ask(Urgency::AtOnce, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::activity::Running;
    use super::super::client_address::Peers;
    use super::*;

    fn origin(last: u8) -> Option<Origin> {
        Origin::of([192, 0, 2, last].into(), &Peers::ClientsAnd(Vec::new()))
    }

    fn serving(ticket: &Ticket) -> Running {
        let mut running = ticket.entry.activity.begin();
        running.serve();
        running
    }

    #[test]
    fn when_places_are_used_up_the_longest_idle_connection_goes_and_a_serving_one_never() {
        let registry = Arc::new(Registry::new(3));
        let [first, old, young] = [(); 3].map(|()| registry.admit(origin(1)).unwrap());
        let running = serving(&first);
        assert!(registry.admit(origin(1)).is_none());
        registry.clock.store(50, Relaxed);
        young.entry.activity.read(b"G");
        assert_eq!(registry.make_room(), 1);
        assert!(!old.entry.is_open() && young.entry.is_open() && first.entry.is_open());
        let newest = registry.admit(origin(1)).unwrap();
        drop(old);
        assert_eq!(registry.open(), 3, "a place is freed once");
        let all_serving = [serving(&young), serving(&newest)];
        assert_eq!(registry.make_room(), 0);
        drop((running, all_serving));
    }

    #[test]
    fn of_one_origin_go_the_idle_then_headers_then_bodies_then_responses_that_are_not_taken() {
        let registry = Arc::new(Registry::new(5));
        let [untaken, body, header, idle, busy] =
            [(); 5].map(|()| registry.admit(origin(1)).unwrap());
        let mut response = untaken.entry.activity.begin();
        response.respond();
        let arriving = body.entry.activity.begin();
        header.entry.activity.read(b"G");
        drop(idle.entry.activity.begin());
        let running = serving(&busy);
        for ticket in [idle, header, body, untaken] {
            assert!(ticket.entry.is_open());
            assert_eq!(registry.make_room(), 1);
            assert!(!ticket.entry.is_open());
        }
        assert_eq!(registry.make_room(), 0);
        drop((response, arriving, running));
    }

    #[test]
    fn the_origin_that_holds_most_pays_first_whatever_it_does_and_a_trusted_proxy_is_not_weighed() {
        let registry = Arc::new(Registry::new(12));
        let proxied = [(); 5].map(|()| registry.admit(None).unwrap());
        let lone = registry.admit(origin(1)).unwrap();
        drop(lone.entry.activity.begin());
        let greedy = [(); 6].map(|()| registry.admit(origin(2)).unwrap());
        let bodies: Vec<_> = greedy
            .iter()
            .map(|ticket| ticket.entry.activity.begin())
            .collect();
        let open = |tickets: &[Ticket]| tickets.iter().filter(|one| one.entry.is_open()).count();
        for left in (1..6).rev() {
            assert_eq!(registry.make_room(), 1);
            assert_eq!(open(&greedy), left);
        }
        assert!(lone.entry.is_open() && open(&proxied) == 5);
        registry.make_room();
        assert!(
            !lone.entry.is_open(),
            "who holds one each are equal: the idle one goes"
        );
        drop(bodies);
    }
}
