//! A fetcher that is made when it is first used. Making one reads the system's certificate
//! authorities, which costs time and memory that a server without outbound calls does not need.

use std::sync::Arc;
use std::time::Duration;

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

    /// The same for one purpose with narrower limits: a timeout or size above this one's own
    /// changes nothing. `max_response_bytes` is in bytes.
    #[must_use]
    pub fn within(&self, total_timeout: Duration, max_response_bytes: usize) -> Self {
        let common = self.policy().clone();
        Self::new(Policy {
            total_timeout: total_timeout.min(common.total_timeout),
            max_response_bytes: max_response_bytes.min(common.max_response_bytes),
            ..common
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_for_one_purpose_only_narrow_the_common_ones() {
        let common = Outbound::new(Policy {
            total_timeout: Duration::from_secs(10),
            max_response_bytes: 1000,
            user_agent: "ours".to_owned(),
            ..Policy::default()
        });
        let limits = |seconds, bytes| {
            let narrowed = common.within(Duration::from_secs(seconds), bytes);
            let policy = narrowed.policy();
            assert_eq!(policy.user_agent, "ours");
            (policy.total_timeout.as_secs(), policy.max_response_bytes)
        };
        assert_eq!(limits(3, 200), (3, 200));
        assert_eq!(limits(60, 200), (10, 200));
        assert_eq!(limits(3, 5000), (3, 1000));
    }
}
