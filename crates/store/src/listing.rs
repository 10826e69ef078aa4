//! What there is, for people who look at it: grants and browser sessions, in pages.
//!
//! Only whole stores have this. The engines' indices for it are written with the record or before
//! it, so that what is there is listed. Nothing that decides about a token reads a list.

use async_trait::async_trait;

use crate::grants::{Grant, GrantView};
use crate::sessions::SessionView;
use crate::{GrantId, SessionId, StoreError};

#[async_trait]
pub trait Listing: Send + Sync {
    /// Up to `limit` grants behind `after`, by their ids, ended ones among them.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn list_grants(
        &self,
        wanted: &WantedGrants,
        after: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<GrantView>, StoreError>;

    /// Up to `limit` browser sessions behind `after`, by their ids, ended ones among them: of one
    /// user, or of all.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn list_sessions(
        &self,
        sub: Option<&str>,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionView>, StoreError>;
}

/// Which grants are wanted. What is `None` does not matter. Engines are quick where a user is named;
/// otherwise they look through all grants once, from the first page to the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedGrants {
    pub sub: Option<String>,
    pub client_id: Option<String>,
    /// Online grants under this browser session.
    pub browser_session: Option<SessionId>,
}

impl WantedGrants {
    /// Whether a grant is wanted.
    pub fn includes(&self, grant: &Grant) -> bool {
        let session = grant.parents.session.as_ref();
        let session = session.map(|session| session.browser_session);
        self.sub.as_ref().is_none_or(|sub| *sub == grant.sub)
            && self
                .client_id
                .as_ref()
                .is_none_or(|id| *id == grant.client_id)
            && (self.browser_session.is_none() || self.browser_session == session)
    }
}
