//! What a user allowed a client, remembered; the parent of offline grants.

use async_trait::async_trait;

use crate::{Epoch, StoreError};

#[async_trait]
pub trait Consents: Send + Sync {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError>;

    /// Every consent of a user, by client.
    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError>;

    /// Withdraws it and with it ends the user's grants to the client; `false` where there is none.
    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub sub: String,
    pub client_id: String,
    pub epoch: Epoch,
    /// Space-separated: every scope the user ever allowed this client and did not withdraw.
    pub scope: String,
    pub updated_at: i64,
}

/// What issuing a code does to the consent it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentStep {
    /// It was read, and it covers the request: the grant carries the epoch of that read.
    Rest,
    /// The user allowed `scope` just now (or no one needs to ask): add it to what is remembered,
    /// under the epoch that stands there, else under this one. The grant takes that epoch.
    Record {
        scope: String,
        proposed_epoch: Epoch,
    },
}

/// The union of two scope lists, in order of first appearance.
pub fn union(remembered: &str, added: &str) -> String {
    let mut scopes: Vec<&str> = remembered.split(' ').filter(|s| !s.is_empty()).collect();
    for scope in added.split(' ').filter(|s| !s.is_empty()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}
