//! Signing keys at rest, sealed. The ring that signs is the provider's.

use async_trait::async_trait;

use crate::StoreError;

#[async_trait]
pub trait Keys: Send + Sync {
    /// Every key that is not deleted, oldest first.
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError>;

    /// Adds a key. With `retires`, every other key that signs with the same algorithm stops
    /// signing in the same act and stays published. `false` where the kid is taken.
    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        retires: bool,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Adds the first key of an algorithm; `false` where there is one already, so that two
    /// processes that start together end with one.
    async fn add_first_signing_key(
        &self,
        key: &SigningKeyRecord,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// Deletes a key that no longer signs; `false` where unknown or still signing.
    async fn delete_signing_key(&self, kid: &str, now: i64) -> Result<bool, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    pub kid: String,
    /// JWA name (RFC 7518 3.1).
    pub alg: String,
    /// PKCS#8, sealed; associated data: table, kid, column.
    pub sealed: Vec<u8>,
    pub created_at: i64,
    /// When it stopped signing; published on while tokens that it signed may live.
    pub retired_at: Option<i64>,
}
