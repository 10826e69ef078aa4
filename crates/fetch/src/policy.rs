//! The limits of a fetcher.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::allow_list::AllowList;
use crate::resolver::{Resolver, SystemResolver};

/// The limits of a [`Fetcher`](crate::Fetcher). The defaults are right for metadata, keys and
/// tokens.
#[derive(Clone)]
pub struct Policy {
    /// For name resolution, TCP and TLS together. Default 5 s.
    pub connect_timeout: Duration,
    /// For everything, until the last byte of the body. Default 10 s.
    pub total_timeout: Duration,
    /// The longest body that is read, in bytes. Default 512 KiB.
    pub max_response_bytes: usize,
    /// What is reached although it isn't public. Default nothing. Plain `http` is possible only to
    /// loopback hosts in this list.
    pub allow: AllowList,
    /// Certificate authorities beside the system's, as PEM. Default none.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Where names are looked up. Default the system's resolver.
    pub resolver: Arc<dyn Resolver>,
    /// The `User-Agent` header.
    pub user_agent: String,
}

impl Policy {
    /// Reaches this machine as well (`localhost`, 127.0.0.0/8, `::1`), over plain `http` too. For a
    /// provider on the developer's own machine. Leave it out where strangers choose the addresses
    /// that are fetched: the machine's own services would be open to them.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.allow = self.allow.with(AllowList::loopback());
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(10),
            max_response_bytes: 512 * 1024,
            allow: AllowList::default(),
            extra_ca_pem: None,
            resolver: Arc::new(SystemResolver),
            user_agent: concat!("countersign/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("connect_timeout", &self.connect_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("allow", &self.allow)
            .field("extra_ca_pem", &self.extra_ca_pem.is_some())
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}
