//! What a connection is doing, and since when: what the time limits are based on.

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
    /// The body of at least one request is still arriving, and nothing is worked on.
    Body = 2,
    /// At least one request is worked on.
    Serving = 3,
    /// What is left to do is the peer's: to take its response.
    Responding = 4,
    /// Every response was taken.
    Idle = 5,
}

/// A connection's phase. Times are the registry's coarse milliseconds, so that a request costs no
/// call to the clock.
#[derive(Debug)]
pub(super) struct Activity {
    clock: Arc<AtomicU64>,
    /// The phase while no request runs.
    between: AtomicU8,
    since: AtomicU64,
    arriving: AtomicU32,
    serving: AtomicU32,
    responding: AtomicU32,
    http2: AtomicBool,
    rest_unread: AtomicBool,
}

impl Activity {
    pub(super) fn new(clock: Arc<AtomicU64>) -> Self {
        let since = AtomicU64::new(clock.load(Relaxed));
        Self {
            clock,
            between: AtomicU8::new(Phase::Fresh as u8),
            since,
            arriving: AtomicU32::new(0),
            serving: AtomicU32::new(0),
            responding: AtomicU32::new(0),
            http2: AtomicBool::new(false),
            rest_unread: AtomicBool::new(false),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        let any = |count: &AtomicU32| count.load(Relaxed) > 0;
        if any(&self.serving) {
            return Phase::Serving;
        }
        if any(&self.arriving) {
            return Phase::Body;
        }
        if any(&self.responding) {
            return Phase::Responding;
        }
        match self.between.load(Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Header,
            _ => Phase::Idle,
        }
    }

    /// Milliseconds since the phase began, or since the peer last took a part of the response.
    pub(super) fn age(&self) -> u64 {
        self.clock
            .load(Relaxed)
            .saturating_sub(self.since.load(Relaxed))
    }

    /// Whether a request has begun whose response isn't complete.
    pub(super) fn is_running(&self) -> bool {
        matches!(
            self.phase(),
            Phase::Body | Phase::Serving | Phase::Responding
        )
    }

    /// Bytes came. In HTTP/2 they may be housekeeping, so only the first ones count.
    pub(super) fn read(&self, bytes: &[u8]) {
        match self.phase() {
            Phase::Fresh => {
                // RFC 9113, section 3.4: the connection preface.
                self.http2
                    .store(bytes.starts_with(b"PRI * HTTP/2"), Relaxed);
                self.rest_in(Phase::Header);
            }
            Phase::Idle if !self.http2.load(Relaxed) => self.rest_in(Phase::Header),
            _ => {}
        }
    }

    /// The peer took bytes of an response.
    pub(super) fn wrote(&self) {
        if matches!(self.phase(), Phase::Serving | Phase::Responding) {
            self.touch();
        }
    }

    /// A response was made without its body having been read to the end.
    pub(super) fn leave_rest_unread(&self) {
        self.rest_unread.store(true, Relaxed);
    }

    /// Whether the peer may still be sending what no one will read: the rest of a body, or of a
    /// header that was refused.
    pub(super) fn has_rest_unread(&self) -> bool {
        self.rest_unread.load(Relaxed) || self.phase() == Phase::Header && !self.http2.load(Relaxed)
    }

    /// A request's header is complete.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.arriving.fetch_add(1, Relaxed);
        self.touch();
        Running {
            activity: Arc::clone(self),
            stage: Stage::Arriving,
        }
    }

    fn rest_in(&self, phase: Phase) {
        self.touch();
        self.between.store(phase as u8, Relaxed);
    }

    fn touch(&self) {
        self.since.store(self.clock.load(Relaxed), Relaxed);
    }

    fn count(&self, stage: Stage) -> &AtomicU32 {
        match stage {
            Stage::Arriving => &self.arriving,
            Stage::Served => &self.serving,
            Stage::Responding => &self.responding,
        }
    }
}

/// How far a request is.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Arriving,
    Served,
    Responding,
}

/// A request whose response isn't complete yet. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Running {
    activity: Arc<Activity>,
    stage: Stage,
}

impl Running {
    /// The request is whole, and the application works on it.
    pub(super) fn serve(&mut self) {
        self.enter(Stage::Served);
    }

    /// The response is there for the peer to take.
    pub(super) fn respond(&mut self) {
        self.enter(Stage::Responding);
    }

    /// The response does not wait for the rest of the request.
    pub(super) fn leave_rest_unread(&self) {
        self.activity.leave_rest_unread();
    }

    fn enter(&mut self, stage: Stage) {
        // Up before down: the connection must not look idle in between.
        self.activity.count(stage).fetch_add(1, Relaxed);
        self.activity.count(self.stage).fetch_sub(1, Relaxed);
        self.stage = stage;
        self.activity.touch();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Set first: it shows once nothing runs.
        self.activity.rest_in(Phase::Idle);
        self.activity.count(self.stage).fetch_sub(1, Relaxed);
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
        let (mut one, two) = (activity.begin(), activity.begin());
        assert_eq!(activity.phase(), Phase::Body);
        one.serve();
        assert_eq!(
            activity.phase(),
            Phase::Serving,
            "one of several is enough to be serving"
        );
        one.respond();
        assert_eq!(activity.phase(), Phase::Body);
        drop(two);
        assert_eq!(activity.phase(), Phase::Responding);
        assert!(activity.is_running());
        drop(one);
        assert_eq!(activity.phase(), Phase::Idle);
        clock.store(12, Relaxed);
        activity.wrote();
        assert_eq!(
            activity.age(),
            2,
            "only a running response's progress counts"
        );
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
