//! A warning about what may happen with every request, logged at most once a minute.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The minimum time between two warnings of one kind.
const INTERVAL: Duration = Duration::from_secs(60);

/// When the last warning was logged, and how many were held back since.
#[derive(Debug, Default)]
pub(super) struct Notice(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    logged_at: Option<Instant>,
    held_back: u64,
}

impl Notice {
    /// Whether to log now, and then how many times the same happened since the last time.
    pub(super) fn due(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock();
        let is_early = state
            .logged_at
            .is_some_and(|then| now.saturating_duration_since(then) < INTERVAL);
        if is_early {
            state.held_back = state.held_back.saturating_add(1);
            return None;
        }
        state.logged_at = Some(now);
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_often_is_logged_once_a_minute_with_its_count() {
        let notice = Notice::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(notice.due(start), Some(0));
        for second in [0, 1, 59] {
            assert_eq!(notice.due(after(second)), None);
        }
        assert_eq!(notice.due(after(60)), Some(3));
        assert_eq!(notice.due(after(61)), None);
    }
}
