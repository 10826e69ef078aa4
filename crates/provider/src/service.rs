//! What other parts of a program may ask of the provider without HTTP.

use countersign_oauth::server_metadata::ServerMetadata;

use crate::Provider;
use crate::discovery::metadata::metadata;
use crate::error::Failure;

impl Provider {
    /// Whether a `client_id` is a registered, active client.
    pub async fn is_valid_client(&self, client_id: &str) -> Result<bool, Failure> {
        Ok(self.clients.find(&*self.store, client_id).await?.is_some())
    }

    /// The JWK set (RFC 7517 5) as JSON.
    pub async fn jwks(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.keys.ring().await?.document.to_vec())
    }

    /// The provider's metadata (OIDC Discovery 3).
    pub fn configuration(&self) -> ServerMetadata {
        metadata(&self.issuer, &self.settings)
    }

    /// Voids every code that was issued and not used yet; answers how many.
    pub async fn delete_all_codes(&self) -> Result<u64, Failure> {
        Ok(self.store.delete_all_codes(self.now()).await?)
    }
}
