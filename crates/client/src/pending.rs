//! A pending sign-in: what the application keeps while the browser is at the provider.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Contains what the response will be compared with: `state`, `nonce`, the PKCE verifier, and whom
/// it was sent to.
///
/// Keep it where the *browser* can be told apart (in the session, or sealed in a cookie) and
/// nowhere global: a callback in another browser must not find it (login CSRF, RFC 9700, section
/// 4.7). Take it out of there before calling [`Client::callback`](crate::Client::callback), which
/// consumes it: it is valid for one callback. It contains secrets: it prints redacted, but its
/// serialised form is open.
#[derive(Serialize, Deserialize)]
pub struct PendingAuthorization {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    /// `None`: `openid` was not asked for, so no ID token will come.
    pub(crate) nonce: Option<String>,
    pub(crate) code_verifier: Zeroizing<String>,
    pub(crate) max_age_seconds: Option<u64>,
    pub(crate) scope: String,
    /// Unix seconds.
    pub(crate) created_at: i64,
}

impl PendingAuthorization {
    /// The key to find it by: the callback brings the same.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// When it was made, in Unix seconds. It is refused an hour later; sooner where the application
    /// drops it.
    #[must_use]
    pub fn created_at(&self) -> i64 {
        self.created_at
    }
}

/// How long a person may take at the provider.
pub(crate) const LIFETIME_SECONDS: i64 = 3600;

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PendingAuthorization")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}
