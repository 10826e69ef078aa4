//! Liveness and readiness.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::Provider;

/// A replica whose clock is further off the store's is not ready.
const MOST_CLOCK_SKEW_MILLISECONDS: i64 = 1000;

/// GET /healthz: the process answers.
pub async fn healthz() -> Response {
    text(StatusCode::OK, "ok\n")
}

/// The last answer of [`readyz`], with when it was found.
///
/// A probe costs the store a write, and anybody may ask: one answer serves everybody for a second.
#[derive(Default)]
pub struct Readiness(parking_lot::Mutex<Option<(u64, Option<String>)>>);

const READINESS_MILLISECONDS: u64 = 1000;

impl Readiness {
    fn known(&self, now: u64) -> Option<Option<String>> {
        let last = self.0.lock();
        let (at, answer) = last.as_ref()?;
        (now.saturating_sub(*at) < READINESS_MILLISECONDS).then(|| answer.clone())
    }

    fn keep(&self, now: u64, answer: &Option<String>) {
        *self.0.lock() = Some((now, answer.clone()));
    }
}

/// GET /readyz: the store takes writes, keys are at hand, and our clock is the store's.
pub async fn readyz(State(provider): State<Provider>) -> Response {
    let now = provider.clock.monotonic_milliseconds();
    let answer = match provider.readiness.known(now) {
        Some(answer) => answer,
        None => {
            let answer = unready(&provider).await;
            provider.readiness.keep(now, &answer);
            answer
        }
    };
    match answer {
        None => text(StatusCode::OK, "ready\n"),
        Some(why) => {
            tracing::warn!(why, "not ready");
            text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

async fn unready(provider: &Provider) -> Option<String> {
    if let Err(error) = provider.store.ready().await {
        return Some(error.to_string());
    }
    match provider.store.clock_milliseconds().await {
        Ok(Some(store)) => {
            let skew = (store - provider.now() * 1000).abs();
            // Our clock has whole seconds: up to one of them is no skew.
            if skew > MOST_CLOCK_SKEW_MILLISECONDS + 1000 {
                return Some(format!("the clock is {skew} ms off the store's"));
            }
        }
        Ok(None) => {}
        Err(error) => return Some(error.to_string()),
    }
    provider
        .keys
        .ring()
        .await
        .err()
        .map(|failure| failure.cause.name.to_owned())
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
