//! Clients whose client_id is the address of their metadata document. Anyone can name such an
//! address, so nothing is stored about it until a user has signed in and consented, or an operator
//! names it. From then on it has a record like any other client: it can be listed and disabled, and
//! its grants are under the record's epoch.
//!
//! | who asks | what they get |
//! |---|---|
//! | the authorization endpoint: [`ClientRegistry::introduce`] | the document, fetched if it is not fresh |
//! | a form that comes back: [`ClientRegistry::introduce_again`] | the document as it was when the journey began, if that is known |
//! | the token endpoint: [`ClientRegistry::find_current`] | a recorded client; the document, else the last that is known, else the recorded one |
//! | everyone else: [`ClientRegistry::find`] | a recorded client; the last document that is known, else the recorded one |

use std::sync::Arc;

use countersign_jose::random::Random;
use countersign_oauth::client_id_url::ClientIdUrl;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::clients::{
    Client as Record, ClientSecrets, UNSEEN_METADATA, UpdateClient, UpdateClientOutcome,
};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, Store, StoreError};

use super::registry::MAX_PARSED;
use super::{Client, ClientRegistry, Document, Registered, registered};
use crate::client_documents::{ClientDocument, ClientDocuments};
use crate::error::Failure;

/// What writing and fetching need.
pub struct Edge<'a> {
    pub store: &'a dyn Store,
    pub random: &'a dyn Random,
    /// Unix seconds.
    pub now: i64,
    /// Monotonic milliseconds.
    pub now_ms: u64,
}

impl ClientRegistry {
    /// The active client with that id, for an authorization: a registered client, or one with a
    /// document. The latter may have no record yet; its epoch is the one that its record will get.
    /// `None` if it is unknown or disabled.
    ///
    /// # Errors
    /// Returns a [`ClientDocumentCause`](crate::client_documents::fault::ClientDocumentCause) if
    /// the document can't be used, or a server fault if the store fails.
    pub async fn introduce(
        &self,
        edge: &Edge<'_>,
        client_id: &str,
    ) -> Result<Option<Client>, Failure> {
        if !ClientDocuments::means_one(client_id) {
            return Ok(self.find(edge.store, client_id).await?);
        }
        let Some(url) = self.documents.address(client_id)? else {
            return Ok(None);
        };
        // The document of a disabled client is not fetched.
        let record = edge.store.client(client_id).await?;
        if record
            .as_ref()
            .is_some_and(|record| record.status != Status::Active)
        {
            return Ok(None);
        }
        let document = match self.documents.current(&url, edge.now_ms).await {
            Ok(document) => document,
            Err(unavailable) => {
                // An operator who vouches for it also vouches for its last known document.
                let pinned = record
                    .as_ref()
                    .filter(|_| self.documents.is_vouched(client_id));
                return match pinned.filter(|record| is_document(record)) {
                    Some(record) => Ok(Some(self.of_record(record, &url)?)),
                    None => Err(unavailable.into_failure(&url)),
                };
            }
        };
        let epoch = record
            .as_ref()
            .map_or_else(|| Epoch::generate(edge.random), |record| record.epoch);
        let client = self.of_document(&url, &document, epoch)?;
        // The operator has named it, so it may be recorded.
        match client.vouched {
            true => self.record(edge, &client).await,
            false => Ok(Some(client)),
        }
    }

    /// Like [`introduce`](Self::introduce), for a form that comes back after at most
    /// `form_seconds`: a document that was accepted when the journey began is not fetched again
    /// while it is cached.
    ///
    /// # Errors
    /// As [`introduce`](Self::introduce).
    pub async fn introduce_again(
        &self,
        edge: &Edge<'_>,
        client_id: &str,
        form_seconds: u64,
    ) -> Result<Option<Client>, Failure> {
        let known = self
            .documents
            .known_since(client_id, form_seconds, edge.now_ms);
        let Some(document) = known else {
            return self.introduce(edge, client_id).await;
        };
        let Some(url) = self.documents.address(client_id)? else {
            return Ok(None);
        };
        let epoch = match edge.store.client_standing(client_id).await? {
            Some(standing) if standing.status != Status::Active => return Ok(None),
            Some(standing) => standing.epoch,
            None => Epoch::generate(edge.random),
        };
        Ok(Some(self.of_document(&url, &document, epoch)?))
    }

    /// The active client with that id, for a request in which the client authenticates. Its
    /// document is fetched again if it is stale; if that fails, the last one is used. `None` if it
    /// is unknown or disabled. A document that no one consented to is unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    pub async fn find_current(
        &self,
        edge: &Edge<'_>,
        client_id: &str,
    ) -> Result<Option<Client>, Failure> {
        if !ClientDocuments::means_one(client_id) {
            return Ok(self.find(edge.store, client_id).await?);
        }
        let Ok(Some(url)) = self.documents.address(client_id) else {
            return Ok(None);
        };
        if edge.store.client_standing(client_id).await?.is_none() {
            // A client that an operator vouches for needs no one's consent for its own tokens.
            return match self.documents.is_vouched(client_id) {
                true => Ok(self.introduce(edge, client_id).await.unwrap_or_default()),
                false => Ok(None),
            };
        }
        let documents = &self.documents;
        let current = documents.current_unless_failing(&url, edge.now_ms).await;
        let newest = current.ok().or_else(|| documents.known(client_id));
        Ok(self.recorded(edge.store, client_id, newest).await?)
    }

    /// A recorded client, as its document says, or as it was recorded.
    pub(super) async fn recorded(
        &self,
        store: &dyn Store,
        client_id: &str,
        document: Option<Arc<ClientDocument>>,
    ) -> Result<Option<Client>, StoreError> {
        let Ok(Some(url)) = self.documents.address(client_id) else {
            return Ok(None);
        };
        if let Some(document) = document {
            let standing = store.client_standing(client_id).await?;
            let standing = standing.filter(|standing| standing.status == Status::Active);
            return match standing {
                Some(standing) => self.of_document(&url, &document, standing.epoch).map(Some),
                None => Ok(None),
            };
        }
        let record = store.client(client_id).await?;
        let active = record.filter(|record| record.status == Status::Active);
        let Some(record) = active.filter(is_document) else {
            return Ok(None);
        };
        self.of_record(&record, &url).map(Some)
    }

    /// Records a document, before a grant depends on it or because its operator named it. Returns
    /// the client under its record's epoch; `None` if it was disabled in the meantime.
    ///
    /// # Errors
    /// Returns a server fault if the store fails, or if others keep changing the record.
    pub async fn record(
        &self,
        edge: &Edge<'_>,
        client: &Client,
    ) -> Result<Option<Client>, Failure> {
        let Some(Document { text, .. }) = &client.document else {
            return Ok(Some(client.clone()));
        };
        for _ in 0..MAX_TRIES {
            let Some(record) = edge.store.client(&client.client_id).await? else {
                let new = new_record(client, text, edge.now);
                match edge.store.create_client(&new).await? {
                    true => {
                        tracing::info!(act = "client_document.record", "a client was recorded");
                        return Ok(Some(client.clone()));
                    }
                    false => continue,
                }
            };
            if record.status != Status::Active {
                return Ok(None);
            }
            let epoch = record.epoch;
            if record.metadata != *text {
                let act = UpdateClient {
                    client_id: record.client_id,
                    revision: record.revision,
                    metadata: Some(text.clone()),
                    secrets: None,
                    owner: None,
                };
                match edge.store.update_client(&act, edge.now).await? {
                    UpdateClientOutcome::Updated => {}
                    UpdateClientOutcome::ChangedMeanwhile | UpdateClientOutcome::Unknown => {
                        continue;
                    }
                }
            }
            return Ok(Some(Client {
                epoch,
                registered: Arc::clone(&client.registered),
            }));
        }
        // Its id was used, and no client has it any more: it was deleted.
        Ok(None)
    }

    /// The recorded metadata, in place of a document that is not available.
    fn of_record(&self, record: &Record, url: &ClientIdUrl) -> Result<Client, StoreError> {
        if let Some(registered) = self.parsed_document(url, &record.metadata) {
            let epoch = record.epoch;
            return Ok(Client { epoch, registered });
        }
        let corrupt = |error| StoreError::corrupt("client", &record.client_id, error);
        let metadata: ClientMetadata = serde_json::from_str(&record.metadata).map_err(corrupt)?;
        let text = record.metadata.clone();
        let document = ClientDocument { metadata, text };
        self.of_document(url, &document, record.epoch)
    }

    fn of_document(
        &self,
        url: &ClientIdUrl,
        document: &ClientDocument,
        epoch: Epoch,
    ) -> Result<Client, StoreError> {
        if let Some(registered) = self.parsed_document(url, &document.text) {
            return Ok(Client { epoch, registered });
        }
        let client_id = url.as_str();
        let vouched = self.documents.is_vouched(client_id);
        let mut metadata = document.metadata.clone();
        if self.documents.skips_consent(client_id) {
            metadata.insecure_skip_consent = Some(true);
        }
        let parsed = registered(client_id, metadata, vouched)
            .map_err(|why| StoreError::corrupt("client", client_id, why))?;
        let registered = Arc::new(Registered {
            document: Some(Document {
                host: url.host().to_owned(),
                text: document.text.clone(),
            }),
            ..parsed
        });
        let mut documented = self.documented.write();
        if documented.len() >= MAX_PARSED {
            documented.clear();
        }
        documented.insert(client_id.to_owned(), Arc::clone(&registered));
        Ok(Client { epoch, registered })
    }

    /// The client that was made of an earlier document.
    fn parsed_document(&self, url: &ClientIdUrl, text: &str) -> Option<Arc<Registered>> {
        let known = self.documented.read().get(url.as_str()).cloned();
        known.filter(|known| {
            let document = known.document.as_ref();
            document.is_some_and(|document| document.text == text)
        })
    }
}

/// How often a record that others change at the same time is read again.
const MAX_TRIES: usize = 8;

/// Whether the record holds a document. An operator can also disable a client whose document was
/// never fetched.
fn is_document(record: &Record) -> bool {
    record.metadata != UNSEEN_METADATA
}

fn new_record(client: &Client, text: &str, now: i64) -> Record {
    Record {
        client_id: client.client_id.clone(),
        epoch: client.epoch,
        status: Status::Active,
        secrets: ClientSecrets::default(),
        metadata: text.to_owned(),
        owner: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    }
}
