//! Liveness and readiness.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::error::Failure;
use crate::respond::text;
use crate::{Provider, keys};

/// GET /healthz: the process responds.
pub async fn healthz() -> Response {
    text(StatusCode::OK, "ok\n")
}

/// GET /readyz: the store accepts writes, there are keys, and our clock agrees with the store's.
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

/// Whether there is a key for every algorithm that is offered.
async fn can_sign(provider: &Provider) -> Result<(), Failure> {
    let ring = provider.keys.ring().await?;
    for algorithm in keys::offered(&provider.settings) {
        ring.signing(algorithm)?;
    }
    Ok(())
}

/// A replica whose clock is further off the store's is not ready.
const MAX_CLOCK_SKEW_MILLISECONDS: i64 = 1000;

/// Why the provider is not ready; `None` if it is.
async fn unready(provider: &Provider) -> Option<String> {
    if let Err(error) = provider.store.ready().await {
        return Some(error.to_string());
    }
    match provider.store.clock_milliseconds().await {
        Ok(Some(store)) => {
            let skew = (store - provider.now() * 1000).abs();
            // Our clock has whole seconds: up to one of them is no skew.
            if skew > MAX_CLOCK_SKEW_MILLISECONDS + 1000 {
                return Some(format!("the clock is {skew} ms off the store's"));
            }
        }
        Ok(None) => {}
        Err(error) => return Some(error.to_string()),
    }
    can_sign(provider).await.err().map(|failure| {
        let detail = failure.detail.unwrap_or_default();
        format!("{} {detail}", failure.cause.name)
    })
}
