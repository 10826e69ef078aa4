//! What came of one cell.

use serde::Serialize;

/// One scenario with one number of users.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Measured {
    pub operations: usize,
    pub per_second: f64,
    pub p50_microseconds: f64,
    pub p99_microseconds: f64,
    /// The server's time on its core (user and system) per operation.
    pub cpu_microseconds: f64,
    /// Of the time, how much the server was on a core; where it is far below 1 in a scenario
    /// without a disk, the load was the limit and not the server.
    pub server_busy: f64,
    pub resident_mib: f64,
}

impl Measured {
    pub(super) fn new(
        mut nanoseconds: Vec<u32>,
        seconds: f64,
        server_cpu_seconds: f64,
        resident_mib: f64,
    ) -> Measured {
        nanoseconds.sort_unstable();
        let operations = nanoseconds.len();
        Measured {
            operations,
            per_second: operations as f64 / seconds,
            p50_microseconds: quantile(&nanoseconds, 0.50),
            p99_microseconds: quantile(&nanoseconds, 0.99),
            cpu_microseconds: server_cpu_seconds * 1e6 / operations.max(1) as f64,
            server_busy: server_cpu_seconds / seconds,
            resident_mib,
        }
    }

    /// p99 over p50.
    pub fn spread(&self) -> f64 {
        self.p99_microseconds / self.p50_microseconds
    }
}

/// The nearest rank.
fn quantile(sorted: &[u32], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let nanoseconds = sorted.get(rank.saturating_sub(1)).copied();
    f64::from(nanoseconds.unwrap_or(0)) / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let measured = Measured::new((1..=200).map(|n| n * 1000).collect(), 2.0, 0.5, 1.0);
        assert_eq!(measured.p50_microseconds, 100.0);
        assert_eq!(measured.p99_microseconds, 198.0);
        assert_eq!(measured.per_second, 100.0);
        assert_eq!(measured.cpu_microseconds, 2500.0);
        assert_eq!(measured.server_busy, 0.25);
    }
}
