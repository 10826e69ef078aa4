//! What a connection is doing, and since when: what the limits on time rest on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Accepted; not a byte came.
    Fresh = 0,
    /// Part of a request's header came.
    Header = 1,
    /// At least one request is being read, worked on or answered.
    Serving = 2,
    /// Answered everything.
    Idle = 3,
}

/// A connection's phase. Times are the registry's coarse milliseconds, so that a request costs no call to the clock.
#[derive(Debug)]
pub(super) struct Activity {
    clock: Arc<AtomicU64>,
    phase: AtomicU8,
    since: AtomicU64,
    running: AtomicU32,
    http2: AtomicBool,
}

impl Activity {
    pub(super) fn new(clock: Arc<AtomicU64>) -> Self {
        let since = AtomicU64::new(clock.load(Relaxed));
        Self {
            clock,
            phase: AtomicU8::new(Phase::Fresh as u8),
            since,
            running: AtomicU32::new(0),
            http2: AtomicBool::new(false),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Header,
            2 => Phase::Serving,
            _ => Phase::Idle,
        }
    }

    /// Milliseconds since the phase began, or since the peer last took a part of the answer.
    pub(super) fn age(&self) -> u64 {
        self.clock
            .load(Relaxed)
            .saturating_sub(self.since.load(Relaxed))
    }

    pub(super) fn is_serving(&self) -> bool {
        self.running.load(Relaxed) > 0
    }

    /// Bytes came. In HTTP/2 they may be housekeeping, so only the first ones count.
    pub(super) fn read(&self, bytes: &[u8]) {
        match self.phase() {
            Phase::Fresh => {
                // RFC 9113, section 3.4: the connection preface.
                self.http2
                    .store(bytes.starts_with(b"PRI * HTTP/2"), Relaxed);
                self.enter(Phase::Header);
            }
            Phase::Idle if !self.http2.load(Relaxed) => self.enter(Phase::Header),
            _ => {}
        }
    }

    /// The peer took bytes of an answer.
    pub(super) fn wrote(&self) {
        if self.phase() == Phase::Serving {
            self.since.store(self.clock.load(Relaxed), Relaxed);
        }
    }

    /// A request's header is complete.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Relaxed);
        self.enter(Phase::Serving);
        Running(Arc::clone(self))
    }

    fn enter(&self, phase: Phase) {
        self.since.store(self.clock.load(Relaxed), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }
}

/// A request that isn't answered completely yet. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Relaxed) == 1 {
            self.0.enter(Phase::Idle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_fresh_then_reads_serves_and_idles() {
        let clock = Arc::new(AtomicU64::new(5));
        let activity = Arc::new(Activity::new(Arc::clone(&clock)));
        assert_eq!(activity.phase(), Phase::Fresh);
        clock.store(10, Relaxed);
        assert_eq!(activity.age(), 5);
        activity.read(b"GET /");
        assert_eq!((activity.phase(), activity.age()), (Phase::Header, 0));
        let (one, two) = (activity.begin(), activity.begin());
        drop(one);
        assert_eq!(activity.phase(), Phase::Serving);
        drop(two);
        assert_eq!(activity.phase(), Phase::Idle);
        clock.store(12, Relaxed);
        activity.wrote();
        assert_eq!(activity.age(), 2, "only a running answer's progress counts");
        activity.read(b"G");
        assert_eq!((activity.phase(), activity.age()), (Phase::Header, 0));
    }

    #[test]
    fn housekeeping_of_http2_does_not_count_as_a_header() {
        let activity = Arc::new(Activity::new(Arc::default()));
        activity.read(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        drop(activity.begin());
        activity.read(&[0, 0, 8, 6, 0]);
        assert_eq!(activity.phase(), Phase::Idle);
    }
}
