//! The documents that are known, and the fetches that are under way. No lock is held while one
//! runs.

use std::collections::HashMap;
use std::sync::Arc;

use countersign_oauth::client_id_url::ClientIdUrl;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::fetch::{Fetched, fetch};
use super::{ClientDocument, ClientDocuments, DocumentUnavailable, PAUSE_SECONDS};
use crate::settings::ClientDocuments as Settings;

pub(super) struct Known {
    max_kept: usize,
    max_parallel: usize,
    max_parallel_per_host: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: HashMap<String, Kept>,
    under_way: HashMap<String, UnderWay>,
    /// The last fetch of a document that failed, for the pause.
    failed: HashMap<String, (u64, DocumentUnavailable)>,
}

struct Kept {
    document: Arc<ClientDocument>,
    fetched_at_ms: u64,
    fresh_until_ms: u64,
}

struct UnderWay {
    host: String,
    outcome: watch::Receiver<Option<Outcome>>,
}

type Outcome = Result<Arc<ClientDocument>, DocumentUnavailable>;

impl Known {
    pub(super) fn new(settings: &Settings) -> Known {
        Known {
            max_kept: settings.max_cached,
            max_parallel: settings.max_parallel,
            max_parallel_per_host: settings.max_parallel_per_host,
            state: Mutex::default(),
        }
    }

    pub(super) fn any_age(&self, client_id: &str) -> Option<Arc<ClientDocument>> {
        let state = self.state.lock();
        state
            .kept
            .get(client_id)
            .map(|kept| Arc::clone(&kept.document))
    }

    pub(super) fn fresh_at(&self, client_id: &str, ms: u64) -> Option<Arc<ClientDocument>> {
        let state = self.state.lock();
        let kept = state.kept.get(client_id)?;
        (ms < kept.fresh_until_ms).then(|| Arc::clone(&kept.document))
    }

    pub(super) fn failed_within_pause(
        &self,
        client_id: &ClientIdUrl,
        now_ms: u64,
    ) -> Option<DocumentUnavailable> {
        let state = self.state.lock();
        let (at_ms, failure) = state.failed.get(client_id.as_str())?;
        let is_recent = now_ms.saturating_sub(*at_ms) < PAUSE_SECONDS * 1000;
        is_recent.then(|| failure.clone())
    }

    pub(super) async fn current(
        self: &Arc<Self>,
        documents: &ClientDocuments,
        client_id: &ClientIdUrl,
        now_ms: u64,
    ) -> Outcome {
        let mut outcome = match self.next(documents, client_id, now_ms) {
            Step::Use(document) => return Ok(document),
            Step::GiveUp(failure) => return Err(failure),
            Step::WaitFor(outcome) => outcome,
        };
        let ended = outcome.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // The task was ended, and its end of the channel dropped.
            Ok(None) | Err(_) => Err(DocumentUnavailable::Interrupted),
        }
    }

    fn next(
        self: &Arc<Self>,
        documents: &ClientDocuments,
        client_id: &ClientIdUrl,
        now_ms: u64,
    ) -> Step {
        let mut state = self.state.lock();
        if let Some(kept) = state.kept.get(client_id.as_str())
            && now_ms < kept.fresh_until_ms
        {
            return Step::Use(Arc::clone(&kept.document));
        }
        if let Some(under_way) = state.under_way.get(client_id.as_str()) {
            return Step::WaitFor(under_way.outcome.clone());
        }
        let of_host = |fetch: &&UnderWay| fetch.host == client_id.host();
        if state.under_way.len() >= self.max_parallel
            || state.under_way.values().filter(of_host).count() >= self.max_parallel_per_host
        {
            return Step::GiveUp(DocumentUnavailable::Busy);
        }
        let (tell, outcome) = watch::channel(None);
        let under_way = UnderWay {
            host: client_id.host().to_owned(),
            outcome: outcome.clone(),
        };
        state
            .under_way
            .insert(client_id.as_str().to_owned(), under_way);
        // A task of its own: a browser that hangs up does not take the document from those who
        // wait for it too.
        let landing = Landing {
            known: Arc::clone(self),
            client_id: client_id.clone(),
        };
        let outbound = documents.outbound.clone();
        let policy = documents.policy(client_id.as_str()).clone();
        let settings = documents.settings.clone();
        tokio::spawn(async move {
            let fetched = fetch(&outbound, &landing.client_id, &policy, &settings).await;
            let outcome = landing.known.keep(&landing.client_id, fetched, now_ms);
            drop(landing);
            let _ = tell.send(Some(outcome));
        });
        Step::WaitFor(outcome)
    }

    fn keep(
        &self,
        client_id: &ClientIdUrl,
        fetched: Result<Fetched, DocumentUnavailable>,
        now_ms: u64,
    ) -> Outcome {
        let made = fetched.and_then(|fetched| {
            let text = serde_json::to_string(&fetched.metadata);
            let text = text.map_err(|_| DocumentUnavailable::Interrupted)?;
            Ok((text, fetched))
        });
        let mut state = self.state.lock();
        let (text, fetched) = match made {
            Ok(made) => made,
            Err(failure) => {
                tracing::info!(
                    act = "client_document.fetch",
                    client_id = client_id.as_str(),
                    reason = %failure,
                    "can't use a client's metadata document"
                );
                make_room(&mut state.failed, self.max_kept, |(at_ms, _)| *at_ms);
                let failed = (now_ms, failure.clone());
                state.failed.insert(client_id.as_str().to_owned(), failed);
                return Err(failure);
            }
        };
        state.failed.remove(client_id.as_str());
        // The same document keeps its identity, so that what was made of it is not made again.
        let known = state.kept.get(client_id.as_str());
        let same = known.filter(|kept| kept.document.text == text);
        let document = match same {
            Some(kept) => Arc::clone(&kept.document),
            None => Arc::new(ClientDocument {
                metadata: fetched.metadata,
                text,
            }),
        };
        make_room(&mut state.kept, self.max_kept, |kept| kept.fetched_at_ms);
        let kept = Kept {
            document: Arc::clone(&document),
            fetched_at_ms: now_ms,
            fresh_until_ms: now_ms + fetched.lifetime_seconds * 1000,
        };
        state.kept.insert(client_id.as_str().to_owned(), kept);
        Ok(document)
    }
}

/// Drops the older half of a map that is full. What is still needed is fetched again.
fn make_room<T>(map: &mut HashMap<String, T>, limit: usize, age_of: impl Fn(&T) -> u64) {
    if map.len() < limit {
        return;
    }
    let mut ages: Vec<u64> = map.values().map(&age_of).collect();
    ages.sort_unstable();
    let middle = ages.get(ages.len() / 2).copied().unwrap_or(0);
    map.retain(|_, value| age_of(value) > middle);
}

/// What is to be done for a document.
enum Step {
    Use(Arc<ClientDocument>),
    WaitFor(watch::Receiver<Option<Outcome>>),
    GiveUp(DocumentUnavailable),
}

/// However a fetch ends, none is under way then.
struct Landing {
    known: Arc<Known>,
    client_id: ClientIdUrl,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut state = self.known.state.lock();
        state.under_way.remove(self.client_id.as_str());
    }
}
