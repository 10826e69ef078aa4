//! Logos of clients, fetched from their own addresses (`logo_uri`) within narrow limits and cached
//! for a while. [`logos`](crate::logos) shows and serves them.

mod image;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use countersign_fetch::{FetchError, Outbound, Request, Url};
use http::{StatusCode, header};

use crate::settings::Logos as Settings;
use crate::shelf::{Fetched, NotFetched, Shelf, ShelfLimits};
use image::ImageType;

/// The logos that are known.
pub struct FetchedLogos {
    settings: Settings,
    outbound: Outbound,
    shelf: Arc<Shelf<Logo, LogoUnavailable>>,
}

/// An image.
#[derive(Debug, PartialEq)]
pub struct Logo {
    image_type: ImageType,
    pub bytes: Bytes,
}

impl Logo {
    pub fn media_type(&self) -> &'static str {
        self.image_type.media_type()
    }
}

/// Why there is no logo. No message repeats what the address returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoUnavailable {
    #[error("it could not be fetched: {0}")]
    NotFetched(#[from] FetchError),
    #[error("its address returned the status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("it is neither PNG, JPEG, GIF nor WebP")]
    NoImage,
    #[error("too many logos are being fetched")]
    Busy,
    #[error("the fetch was interrupted")]
    Interrupted,
}

impl From<NotFetched> for LogoUnavailable {
    fn from(not_fetched: NotFetched) -> LogoUnavailable {
        match not_fetched {
            NotFetched::Busy => LogoUnavailable::Busy,
            NotFetched::Interrupted => LogoUnavailable::Interrupted,
        }
    }
}

impl FetchedLogos {
    pub(crate) fn new(settings: &Settings, outbound: &Outbound) -> FetchedLogos {
        FetchedLogos {
            outbound: outbound.within(
                Duration::from_secs(settings.timeout_seconds),
                settings.max_bytes,
            ),
            shelf: Arc::new(Shelf::new(ShelfLimits {
                max_kept: settings.max_cached,
                max_parallel: settings.max_parallel,
                max_parallel_per_host: settings.max_parallel_per_host,
            })),
            settings: settings.clone(),
        }
    }

    /// How long a page waits for a logo that is not known yet.
    pub fn wait(&self) -> Duration {
        Duration::from_millis(self.settings.wait_milliseconds)
    }

    /// The logo at an address, which is fetched if it is unknown or stale. A failed fetch is not
    /// repeated for a while. `now_ms` is monotonic, in milliseconds.
    ///
    /// # Errors
    /// Returns [`LogoUnavailable`] if it can't be fetched or is no picture.
    pub async fn current(&self, url: Url, now_ms: u64) -> Result<Arc<Logo>, LogoUnavailable> {
        let retry_seconds = self.settings.retry_seconds;
        let failed = self
            .shelf
            .failed_within(url.as_str(), retry_seconds, now_ms);
        if let Some(failure) = failed {
            return Err(failure);
        }
        let (outbound, fetched_from) = (self.outbound.clone(), url.clone());
        let lifetime_seconds = self.settings.cache_seconds;
        let fetch = || async move {
            let value = fetch(&outbound, fetched_from).await?;
            Ok(Fetched {
                value,
                lifetime_seconds,
            })
        };
        let host = url.host_str().unwrap_or_default();
        self.shelf.current(url.as_str(), host, now_ms, fetch).await
    }
}

/// Redirects are not followed: the client registered this address. The response's Content-Type does
/// not matter, only its first bytes.
async fn fetch(outbound: &Outbound, url: Url) -> Result<Logo, LogoUnavailable> {
    let request = Request::get(url).header(header::ACCEPT, "image/png, image/jpeg, image/webp");
    let response = outbound.send(request).await?;
    if response.status != StatusCode::OK {
        return Err(LogoUnavailable::Status(response.status));
    }
    let image_type = ImageType::of(&response.body).ok_or(LogoUnavailable::NoImage)?;
    Ok(Logo {
        image_type,
        bytes: response.body.into(),
    })
}
