//! Fetches a client's `sector_identifier_uri` (OIDC Registration, section 5), when the client is
//! registered or changed.

use async_trait::async_trait;
use countersign_fetch::{Outbound, Request, Url};
use countersign_management::clients::{SectorFault, SectorIdentifiers};
use http::{StatusCode, header};

/// Fetches within the limits of its [`Outbound`]. Redirects are not followed, because the address
/// itself identifies the sector.
pub struct FetchedSectors(pub Outbound);

#[async_trait]
impl SectorIdentifiers for FetchedSectors {
    async fn listed(&self, sector_identifier_uri: &str) -> Result<Vec<String>, SectorFault> {
        let not_fetched = |why: String| SectorFault::NotFetched(why);
        let url = sector_identifier_uri.parse::<Url>();
        let url = url.map_err(|error| not_fetched(error.to_string()))?;
        let request = Request::get(url).header(header::ACCEPT, "application/json");
        let response = self.0.send(request).await;
        let response = response.map_err(|error| not_fetched(error.to_string()))?;
        if response.status != StatusCode::OK {
            return Err(SectorFault::Status(response.status.as_u16()));
        }
        serde_json::from_slice(&response.body).map_err(|_| SectorFault::NotAList)
    }
}
