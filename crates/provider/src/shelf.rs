//! A cache of values that are fetched from addresses that strangers chose. At most one fetch runs
//! for an address, a few for a host, and a limited number in total. The number of cached values is
//! limited too. A failure never replaces a value. No lock is held while a fetch runs.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

/// Values of type `T` by address, and errors of type `E` for those that could not be fetched.
pub struct Shelf<T, E> {
    limits: ShelfLimits,
    state: Mutex<State<T, E>>,
}

/// The limits on values and concurrent fetches.
#[derive(Debug, Clone, Copy)]
pub struct ShelfLimits {
    pub max_kept: usize,
    pub max_parallel: usize,
    pub max_parallel_per_host: usize,
}

/// A value that was fetched.
#[derive(Debug)]
pub struct Fetched<T> {
    pub value: T,
    /// How long it is fresh, from the start of the fetch.
    pub lifetime_seconds: u64,
}

/// Why a fetch did not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFetched {
    /// Too many are being fetched.
    Busy,
    /// The fetching task was aborted.
    Interrupted,
}

struct State<T, E> {
    kept: HashMap<String, Kept<T>>,
    under_way: HashMap<String, UnderWay<T, E>>,
    /// The last failed fetch of each address.
    failed: HashMap<String, Failed<E>>,
}

struct Kept<T> {
    value: Arc<T>,
    fetched_at_ms: u64,
    fresh_until_ms: u64,
}

struct UnderWay<T, E> {
    host: String,
    outcome: watch::Receiver<Option<Outcome<T, E>>>,
}

struct Failed<E> {
    at_ms: u64,
    failure: E,
}

type Outcome<T, E> = Result<Arc<T>, E>;

/// How a value is obtained.
enum Step<T, E> {
    Use(Arc<T>),
    WaitFor(watch::Receiver<Option<Outcome<T, E>>>),
    GiveUp(E),
}

impl<T, E> Shelf<T, E>
where
    T: PartialEq + Send + Sync + 'static,
    E: Clone + From<NotFetched> + Send + Sync + 'static,
{
    pub fn new(limits: ShelfLimits) -> Shelf<T, E> {
        Shelf {
            limits,
            state: Mutex::new(State {
                kept: HashMap::new(),
                under_way: HashMap::new(),
                failed: HashMap::new(),
            }),
        }
    }

    /// The last fetched value, however old.
    pub fn any_age(&self, address: &str) -> Option<Arc<T>> {
        let state = self.state.lock();
        state.kept.get(address).map(|kept| Arc::clone(&kept.value))
    }

    /// The last fetched value, if it was fresh at that time.
    pub fn fresh_at(&self, address: &str, ms: u64) -> Option<Arc<T>> {
        let state = self.state.lock();
        let kept = state.kept.get(address)?;
        (ms < kept.fresh_until_ms).then(|| Arc::clone(&kept.value))
    }

    /// The error of the last fetch, if it started within these seconds and no fetch has succeeded
    /// since.
    pub fn failed_within(&self, address: &str, seconds: u64, now_ms: u64) -> Option<E> {
        let state = self.state.lock();
        let failed = state.failed.get(address)?;
        let is_recent = now_ms.saturating_sub(failed.at_ms) < seconds.saturating_mul(1000);
        is_recent.then(|| failed.failure.clone())
    }

    /// The value, which is fetched if it is unknown or stale. Concurrent requests for the same
    /// value share one fetch.
    ///
    /// # Errors
    /// Returns what `fetch` returned, or why it was not begun.
    pub async fn current<F>(
        self: &Arc<Self>,
        address: &str,
        host: &str,
        now_ms: u64,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<T>, E>
    where
        F: Future<Output = Result<Fetched<T>, E>> + Send + 'static,
    {
        let mut outcome = match self.next(address, host, now_ms, fetch) {
            Step::Use(value) => return Ok(value),
            Step::GiveUp(failure) => return Err(failure),
            Step::WaitFor(outcome) => outcome,
        };
        let ended = outcome.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The task was aborted, and dropped its end of the channel.
            Ok(None) | Err(_) => Err(NotFetched::Interrupted.into()),
        }
    }

    fn next<F>(
        self: &Arc<Self>,
        address: &str,
        host: &str,
        now_ms: u64,
        fetch: impl FnOnce() -> F,
    ) -> Step<T, E>
    where
        F: Future<Output = Result<Fetched<T>, E>> + Send + 'static,
    {
        let mut state = self.state.lock();
        if let Some(kept) = state.kept.get(address)
            && now_ms < kept.fresh_until_ms
        {
            return Step::Use(Arc::clone(&kept.value));
        }
        if let Some(under_way) = state.under_way.get(address) {
            return Step::WaitFor(under_way.outcome.clone());
        }
        let of_host = |fetch: &&UnderWay<T, E>| fetch.host == host;
        let limits = &self.limits;
        if state.under_way.len() >= limits.max_parallel
            || state.under_way.values().filter(of_host).count() >= limits.max_parallel_per_host
        {
            return Step::GiveUp(NotFetched::Busy.into());
        }
        let (tell, outcome) = watch::channel(None);
        let under_way = UnderWay {
            host: host.to_owned(),
            outcome: outcome.clone(),
        };
        state.under_way.insert(address.to_owned(), under_way);
        // The fetch is a separate task: if the browser that caused it disconnects, others who wait
        // for the value still get it.
        let landing = Landing {
            shelf: Arc::clone(self),
            address: address.to_owned(),
        };
        let fetch = fetch();
        tokio::spawn(async move {
            let fetched = fetch.await;
            let outcome = landing.shelf.keep(&landing.address, fetched, now_ms);
            drop(landing);
            // It is no error if no one waits any more.
            let _is_told = tell.send(Some(outcome));
        });
        Step::WaitFor(outcome)
    }

    fn keep(&self, address: &str, fetched: Result<Fetched<T>, E>, now_ms: u64) -> Outcome<T, E> {
        let mut state = self.state.lock();
        let max_kept = self.limits.max_kept;
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(failure) => {
                make_room(&mut state.failed, max_kept, |failed| failed.at_ms);
                let failed = Failed {
                    at_ms: now_ms,
                    failure: failure.clone(),
                };
                state.failed.insert(address.to_owned(), failed);
                return Err(failure);
            }
        };
        state.failed.remove(address);
        // The same value keeps its identity, so that what was made of it is not made again.
        let known = state.kept.get(address).map(|kept| &kept.value);
        let value = match known.filter(|value| ***value == fetched.value) {
            Some(value) => Arc::clone(value),
            None => Arc::new(fetched.value),
        };
        make_room(&mut state.kept, max_kept, |kept| kept.fetched_at_ms);
        let kept = Kept {
            value: Arc::clone(&value),
            fetched_at_ms: now_ms,
            fresh_until_ms: now_ms + fetched.lifetime_seconds.saturating_mul(1000),
        };
        state.kept.insert(address.to_owned(), kept);
        Ok(value)
    }
}

/// Drops the older half of a full map. Values that are still needed are fetched again.
fn make_room<V>(map: &mut HashMap<String, V>, limit: usize, time_of: impl Fn(&V) -> u64) {
    if map.len() < limit {
        return;
    }
    let mut times: Vec<u64> = map.values().map(&time_of).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or(0);
    map.retain(|_, value| time_of(value) > middle);
}

/// However a fetch ends, none is under way then.
struct Landing<T, E> {
    shelf: Arc<Shelf<T, E>>,
    address: String,
}

impl<T, E> Drop for Landing<T, E> {
    fn drop(&mut self) {
        self.shelf.state.lock().under_way.remove(&self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<NotFetched> for &'static str {
        fn from(not_fetched: NotFetched) -> &'static str {
            match not_fetched {
                NotFetched::Busy => "busy",
                NotFetched::Interrupted => "interrupted",
            }
        }
    }

    fn shelf(max_kept: usize) -> Arc<Shelf<u32, &'static str>> {
        Arc::new(Shelf::new(ShelfLimits {
            max_kept,
            max_parallel: 3,
            max_parallel_per_host: 2,
        }))
    }

    async fn get(
        shelf: &Arc<Shelf<u32, &'static str>>,
        address: &str,
        now_ms: u64,
        outcome: Result<u32, &'static str>,
    ) -> Result<u32, &'static str> {
        let fetch = || async move {
            let value = outcome?;
            Ok(Fetched {
                value,
                lifetime_seconds: 10,
            })
        };
        let got = shelf.current(address, "host", now_ms, fetch).await;
        got.map(|value| *value)
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_does_not_replace_a_value() {
        let shelf = shelf(8);
        assert_eq!(get(&shelf, "a", 0, Err("no")).await, Err("no"));
        assert_eq!(shelf.failed_within("a", 5, 4_999), Some("no"));
        assert_eq!(shelf.failed_within("a", 5, 5_000), None);
        assert_eq!(get(&shelf, "a", 0, Ok(1)).await, Ok(1));
        assert_eq!(shelf.failed_within("a", 5, 0), None);
        assert_eq!(get(&shelf, "a", 9_999, Ok(2)).await, Ok(1), "it is fresh");
        assert_eq!(get(&shelf, "a", 10_000, Err("no")).await, Err("no"));
        assert_eq!(shelf.any_age("a").as_deref(), Some(&1));
        assert_eq!(shelf.fresh_at("a", 9_999).as_deref(), Some(&1));
        assert_eq!(shelf.fresh_at("a", 10_000), None);
        assert_eq!(get(&shelf, "a", 10_000, Ok(3)).await, Ok(3));
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let shelf = shelf(4);
        for number in 0..100_u32 {
            let address = number.to_string();
            let kept = get(&shelf, &address, u64::from(number), Ok(number)).await;
            assert_eq!(kept, Ok(number));
            assert!(shelf.state.lock().kept.len() <= 4);
        }
        assert_eq!(shelf.any_age("99").as_deref(), Some(&99));
        assert_eq!(shelf.any_age("0"), None);
    }

    #[tokio::test]
    async fn few_are_fetched_at_once_and_a_fetch_that_panics_leaves_nothing_under_way() {
        let shelf = shelf(8);
        let never = || std::future::pending();
        let spawn = |address: &'static str, host: &'static str| {
            let shelf = Arc::clone(&shelf);
            tokio::spawn(async move { shelf.current(address, host, 0, never).await })
        };
        let (one, two) = (spawn("a", "host"), spawn("b", "host"));
        while shelf.state.lock().under_way.len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(get(&shelf, "c", 0, Ok(1)).await, Err("busy"));
        let three = spawn("d", "other");
        while shelf.state.lock().under_way.len() < 3 {
            tokio::task::yield_now().await;
        }
        let got = shelf.current("e", "third", 0, never).await;
        assert_eq!(got, Err("busy"));
        let shelf = self::shelf(8);
        let panics = || async { panic!("it is a test") };
        let got = shelf.current("a", "host", 0, panics).await;
        assert_eq!(got, Err("interrupted"));
        assert_eq!(shelf.state.lock().under_way.len(), 0);
        for task in [one, two, three] {
            task.abort();
        }
    }
}
