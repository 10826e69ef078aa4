//! Open files: every connection takes one, and the usual soft limit of 1024 is soon used up.

use rlimit::Resource;

/// Kept for the database, the log, and connections that are being turned away.
const RESERVE: u64 = 256;

/// Raises the soft limit of open files to the hard one and returns it.
pub fn raise_open_files_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "can't raise the limit of open files");
        current()
    })
}

/// `wanted`, or fewer if the limit of open files requires it.
pub(super) fn connections_that_fit(wanted: usize) -> usize {
    let limit = current();
    let fit = usize::try_from(limit.saturating_sub(RESERVE).max(limit / 2)).unwrap_or(usize::MAX);
    if fit < wanted {
        tracing::info!(
            connections = fit,
            open_files = limit,
            "the limit of open files caps the connections"
        );
    }
    wanted.min(fit).max(1)
}

fn current() -> u64 {
    Resource::NOFILE.get_soft().unwrap_or(1024)
}
