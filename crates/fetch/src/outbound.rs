//! A fetcher that is made when it is first used. Making one reads the system's certificate
//! authorities, which costs time and memory that a server without outbound calls does not need.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::error::FetchError;
use crate::fetcher::Fetcher;
use crate::policy::Policy;
use crate::request::Request;
use crate::response::Response;

/// What leaves this machine, within a [`Policy`]. Cheap to clone; clones share one [`Fetcher`].
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    policy: Policy,
    fetcher: OnceCell<Fetcher>,
}

impl Outbound {
    /// Nothing is read and nothing is connected yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(Inner {
            policy,
            fetcher: OnceCell::new(),
        }))
    }

    /// Sends a request and reads the whole response, of any status, redirects included.
    ///
    /// # Errors
    /// Returns a [`FetchError`], which says why there is no response.
    pub async fn send(&self, request: Request) -> Result<Response, FetchError> {
        let make = || async { Fetcher::new(self.0.policy.clone()) };
        let fetcher = self.0.fetcher.get_or_try_init(make).await;
        match fetcher {
            Ok(fetcher) => fetcher.send(request).await,
            Err(error) => Err(FetchError::NoClient {
                reason: error.to_string(),
            }),
        }
    }

    /// The limits that it keeps.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}
