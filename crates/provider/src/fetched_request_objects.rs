//! Request objects that are fetched from clients' registered addresses (OpenID Connect Core, section
//! 6.2). Anyone can name a client and an address that it registered, so few are fetched at once.
//! What is fetched is not kept: the next request may refer to another content.

use std::sync::Arc;
use std::time::Duration;

use countersign_fetch::{FetchError, Outbound, Request, Url};
use http::{StatusCode, header};

use crate::settings::RequestObjects as Settings;
use crate::shelf::{Fetched, NotFetched, Shelf, ShelfLimits};

/// The request objects that are being fetched.
pub struct FetchedRequestObjects {
    outbound: Outbound,
    shelf: Arc<Shelf<Vec<u8>, RequestObjectUnavailable>>,
}

/// Why there is no request object. No message repeats what the address returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectUnavailable {
    #[error("it could not be fetched: {0}")]
    NotFetched(#[from] FetchError),
    #[error("its address returned the status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("too many request objects are being fetched")]
    Busy,
    #[error("the fetch was interrupted")]
    Interrupted,
}

impl From<NotFetched> for RequestObjectUnavailable {
    fn from(not_fetched: NotFetched) -> RequestObjectUnavailable {
        match not_fetched {
            NotFetched::Busy => RequestObjectUnavailable::Busy,
            NotFetched::Interrupted => RequestObjectUnavailable::Interrupted,
        }
    }
}

impl FetchedRequestObjects {
    pub(crate) fn new(settings: &Settings, outbound: &Outbound) -> FetchedRequestObjects {
        FetchedRequestObjects {
            outbound: outbound.within(
                Duration::from_secs(settings.timeout_seconds),
                settings.max_bytes,
            ),
            shelf: Arc::new(Shelf::new(ShelfLimits {
                max_kept: 1,
                max_parallel: settings.max_parallel,
                max_parallel_per_host: settings.max_parallel_per_host,
            })),
        }
    }

    /// What is at an address now. Requests for the same one at once share one fetch. `now_ms` is
    /// monotonic, in milliseconds.
    ///
    /// # Errors
    /// Returns [`RequestObjectUnavailable`].
    pub async fn fetch(
        &self,
        url: Url,
        now_ms: u64,
    ) -> Result<Arc<Vec<u8>>, RequestObjectUnavailable> {
        let (outbound, fetched_from) = (self.outbound.clone(), url.clone());
        let fetch = || async move {
            Ok(Fetched {
                value: fetch(&outbound, fetched_from).await?,
                lifetime_seconds: 0,
            })
        };
        let host = url.host_str().unwrap_or_default();
        self.shelf.current(url.as_str(), host, now_ms, fetch).await
    }
}

/// Redirects are not followed: the client registered this address.
async fn fetch(outbound: &Outbound, url: Url) -> Result<Vec<u8>, RequestObjectUnavailable> {
    let request = Request::get(url).header(header::ACCEPT, ACCEPTED);
    let response = outbound.send(request).await?;
    match response.status {
        StatusCode::OK => Ok(response.body),
        status => Err(RequestObjectUnavailable::Status(status)),
    }
}

/// RFC 9101, section 5.2.3.
const ACCEPTED: &str = "application/oauth-authz-req+jwt, application/jwt";
