//! What a database knows about itself: which deployment it belongs to, and whether the master key
//! matches.

use async_trait::async_trait;

use crate::StoreError;

#[async_trait]
pub trait Instances: Send + Sync {
    /// Reads the instance; if there is none yet, makes it `proposed` and returns that.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn adopt_instance(&self, proposed: &Instance) -> Result<Instance, StoreError>;

    /// Writes what `after` has sealed in place of what `before` has, in one step; `false` if that
    /// is not there any more.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn replace_sealed(&self, before: &Instance, after: &Instance)
    -> Result<bool, StoreError>;

    /// The instance, or `None` in a store that no provider has used yet.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn instance(&self) -> Result<Option<Instance>, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Letters and digits; part of every cookie's name, so that two deployments on one host don't
    /// collide.
    pub id: String,
    /// One database is one issuer.
    pub issuer: String,
    /// A known text sealed under the master key: tells a wrong key before it does harm.
    pub key_check: Vec<u8>,
    /// The secret that pairwise subjects are derived with, sealed under the master key (OpenID
    /// Connect Core, section 8.1). It never changes: with another one, every application would know
    /// its users by other names.
    pub pairwise_key: Vec<u8>,
    pub created_at: i64,
}
