//! The one place where this crate asks what time it is; tests put a clock of their own in its
//! stead.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// Gives the time in Unix seconds.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

pub(crate) fn system_clock() -> Clock {
    Arc::new(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the edge of the crate: the caller gave no clock"
        )]
        let now = std::time::SystemTime::now();
        // A clock before 1970 verifies nothing: every token is then from the future.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
