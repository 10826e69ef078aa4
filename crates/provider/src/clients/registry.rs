//! Clients by id.

use std::collections::HashMap;
use std::sync::Arc;

use countersign_store::clients::ClientStanding;
use countersign_store::subjects::Status;
use countersign_store::{Store, StoreError};
use parking_lot::RwLock;

use super::{Client, Registered, parse};
use crate::client_documents::ClientDocuments;

/// Parsed clients by id.
pub struct ClientRegistry {
    pub(super) documents: ClientDocuments,
    parsed: RwLock<HashMap<String, Arc<Registered>>>,
    pub(super) documented: RwLock<HashMap<String, Arc<Registered>>>,
}

/// The maximum number of parsed clients in the cache.
pub(super) const MAX_PARSED: usize = 4096;

impl ClientRegistry {
    pub(crate) fn new(documents: ClientDocuments) -> ClientRegistry {
        ClientRegistry {
            documents,
            parsed: RwLock::default(),
            documented: RwLock::default(),
        }
    }

    /// The active client with that id. This very call reads its status and epoch from the store.
    /// `None` if it is unknown or disabled. For a client with a document, this uses the newest
    /// cached document, and fetches nothing.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails, or if the stored metadata cannot be read.
    pub async fn find(
        &self,
        store: &dyn Store,
        client_id: &str,
    ) -> Result<Option<Client>, StoreError> {
        if ClientDocuments::means_one(client_id) {
            let known = self.documents.known(client_id);
            return self.recorded(store, client_id, known).await;
        }
        let Some(standing) = store.client_standing(client_id).await? else {
            return Ok(None);
        };
        if standing.status != Status::Active {
            return Ok(None);
        }
        if let Some(registered) = self.parsed(client_id, &standing) {
            return Ok(Some(Client {
                epoch: standing.epoch,
                registered,
            }));
        }
        let Some(record) = store.client(client_id).await? else {
            return Ok(None);
        };
        if record.status != Status::Active {
            return Ok(None);
        }
        let epoch = record.epoch;
        let registration = store.registration(client_id).await?;
        let vouched = registration.is_none_or(|registration| registration.vouched);
        let registered = Arc::new(parse(record, vouched)?);
        self.keep(Arc::clone(&registered));
        Ok(Some(Client { epoch, registered }))
    }

    fn parsed(&self, client_id: &str, standing: &ClientStanding) -> Option<Arc<Registered>> {
        let parsed = self.parsed.read();
        parsed
            .get(client_id)
            .filter(|known| known.revision == standing.revision)
            .cloned()
    }

    fn keep(&self, registered: Arc<Registered>) {
        let mut parsed = self.parsed.write();
        if parsed.len() >= MAX_PARSED {
            parsed.clear();
        }
        parsed.insert(registered.client_id.clone(), registered);
    }
}
