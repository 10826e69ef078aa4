//! Reading a request's body: whole, within its time and size, and within what all bodies together
//! may hold.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Bytes, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::Limits;
use super::responses::Fault;

/// Bodies up to this size need no share of the common space, so that those who fill it can't shut
/// out ordinary requests.
const SMALL: usize = 16_384;

/// The common space for large bodies, and the limits of each.
pub(super) struct Buffering {
    space: Arc<Semaphore>,
    max_body_bytes: usize,
    timeout: Duration,
}

/// A share of the common space, kept as long as the request.
pub(super) type Space = OwnedSemaphorePermit;

impl Buffering {
    pub(super) fn new(limits: &Limits) -> Self {
        let space = Arc::new(Semaphore::new(
            limits.max_buffered_bytes.min(Semaphore::MAX_PERMITS),
        ));
        Self {
            space,
            max_body_bytes: limits.max_body_bytes,
            timeout: limits.body_read_timeout,
        }
    }

    /// Reads the whole body.
    pub(super) async fn read(&self, body: Incoming) -> Result<(Body, Option<Space>), Fault> {
        // A length that was declared is refused before a byte of it is read (RFC 9110, section
        // 15.5.14).
        if body.size_hint().lower() > u64::try_from(self.max_body_bytes).unwrap_or(u64::MAX) {
            return Err(Fault::BodyTooLarge);
        }
        tokio::time::timeout(self.timeout, self.collect(body))
            .await
            .map_err(|_| Fault::BodyTooSlow)?
    }

    async fn collect(&self, mut body: Incoming) -> Result<(Body, Option<Space>), Fault> {
        let mut first = Bytes::new();
        let mut rest: Vec<u8> = Vec::new();
        let mut space = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Fault::BodyBroken)?.into_data() else {
                continue;
            };
            let length = first.len() + rest.len() + data.len();
            if length > self.max_body_bytes {
                return Err(Fault::BodyTooLarge);
            }
            if length > SMALL && space.is_none() {
                let share = u32::try_from(self.max_body_bytes).unwrap_or(u32::MAX);
                space = Some(
                    Arc::clone(&self.space)
                        .try_acquire_many_owned(share)
                        .map_err(|_| Fault::BodySpaceUsedUp)?,
                );
            }
            if first.is_empty() {
                first = data;
            } else {
                rest.extend_from_slice(&data);
            }
        }
        if rest.is_empty() {
            return Ok((Body::from(first), space));
        }
        rest.splice(0..0, first.iter().copied());
        Ok((Body::from(rest), space))
    }
}
