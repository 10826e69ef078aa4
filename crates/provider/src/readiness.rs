//! The last result of the readiness probe, kept for a moment.

/// The last result of `/readyz`, and when it was found.
///
/// A probe costs the store a write, and anyone may send one: for a second, one result serves
/// everyone.
#[derive(Default)]
pub struct Readiness(parking_lot::Mutex<Option<(u64, Option<String>)>>);

const READINESS_MILLISECONDS: u64 = 1000;

impl Readiness {
    pub fn known(&self, now: u64) -> Option<Option<String>> {
        let last = self.0.lock();
        let (at, answer) = last.as_ref()?;
        (now.saturating_sub(*at) < READINESS_MILLISECONDS).then(|| answer.clone())
    }

    pub fn keep(&self, now: u64, answer: &Option<String>) {
        *self.0.lock() = Some((now, answer.clone()));
    }
}
