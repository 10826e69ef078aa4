//! Clients as the endpoints use them: metadata parsed once per revision, standing read every time.

use std::collections::HashMap;
use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::seal::Keyring;
use countersign_management::clients::open_secret;
use countersign_oauth::client_metadata::{AccessTokenFormat, ClientMetadata};
use countersign_oauth::scope::Scope;
use countersign_store::clients::{ClientSecrets, ClientStanding};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, Store, StoreError};
use parking_lot::RwLock;
use zeroize::Zeroizing;

use crate::client_keys::ClientKeys;
use crate::scopes::{self, STANDARD_SCOPES};
use crate::settings::Settings;

/// A registered client that is active, as of this request.
#[derive(Debug, Clone)]
pub struct Client {
    /// The epoch read in this request; grants made from here on carry it.
    pub epoch: Epoch,
    registered: Arc<Registered>,
}

/// The part of a client that may be cached, by its revision.
#[derive(Debug)]
pub struct Registered {
    pub client_id: String,
    pub metadata: ClientMetadata,
    pub secrets: ClientSecrets,
    /// Public keys that are registered by value.
    pub keys: Option<Arc<ClientKeys>>,
    pub id_token_alg: SignatureAlgorithm,
    pub access_token_format: AccessTokenFormat,
    /// Whether an operator registered the client or let it register. If not, people are told, and
    /// nothing is redirected to it before they consented (RFC 9700, section 4.11.2).
    pub vouched: bool,
    /// `None` if the client registered no `scope`, and for one that no one vouches for, whose own
    /// limit would protect no one: it may ask for any that there is. MCP clients register the
    /// scope that they need first, and ask for more when a server demands it.
    pub allowed_scope: Option<Scope>,
    /// When it was last changed, in Unix seconds.
    pub changed_at: i64,
    revision: i64,
}

impl std::ops::Deref for Client {
    type Target = Registered;

    fn deref(&self) -> &Registered {
        &self.registered
    }
}

impl Registered {
    /// What people are shown.
    pub fn display_name(&self) -> &str {
        self.metadata
            .client_name
            .as_deref()
            .unwrap_or(&self.client_id)
    }

    /// One of its sealed secrets in the clear, for as long as it is used.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if it doesn't open.
    pub fn open_secret(
        &self,
        sealed: &[u8],
        sealing: &Keyring,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let opened = open_secret(&self.client_id, sealed, sealing);
        opened.map_err(|error| StoreError::corrupt("client", &self.client_id, error))
    }

    /// What of `requested` the client may have here: registered for it, and known to the server
    /// (unknown scopes are ignored, OpenID Connect Core, section 3.1.2.1).
    pub fn grantable(&self, requested: &Scope, settings: &Settings) -> Scope {
        let mut granted = Scope::default();
        for name in requested.iter() {
            let known = STANDARD_SCOPES.contains(&name)
                || settings.operator.scopes.contains_key(name)
                || scopes::of_resources(settings).any(|known| known == name);
            let allowed = self
                .allowed_scope
                .as_ref()
                .is_none_or(|allowed| allowed.contains(name));
            if known && allowed {
                let _ = granted.insert(name);
            }
        }
        granted
    }
}

/// Parsed clients by id.
#[derive(Default)]
pub struct ClientRegistry {
    parsed: RwLock<HashMap<String, Arc<Registered>>>,
}

/// More than this many parsed clients are not kept at once.
const MAX_PARSED: usize = 4096;

impl ClientRegistry {
    pub fn new() -> ClientRegistry {
        ClientRegistry::default()
    }

    /// The active client of that id. Its status and epoch come from the store in this very call;
    /// `None` if it is unknown or disabled.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails, or if the stored metadata cannot be read.
    pub async fn find(
        &self,
        store: &dyn Store,
        client_id: &str,
    ) -> Result<Option<Client>, StoreError> {
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

fn parse(
    record: countersign_store::clients::Client,
    vouched: bool,
) -> Result<Registered, StoreError> {
    let corrupt = |why: String| StoreError::corrupt("client", &record.client_id, why);
    let metadata: ClientMetadata =
        serde_json::from_str(&record.metadata).map_err(|error| corrupt(error.to_string()))?;
    let id_token_alg = metadata
        .id_token_alg()
        .parse()
        .map_err(|_| corrupt("id_token_signed_response_alg is not an algorithm".to_owned()))?;
    // A set that no method of the client needs may be of any form.
    let keys = metadata.jwks.as_ref().map(ClientKeys::from_value);
    let keys = keys.and_then(Result::ok).map(Arc::new);
    Ok(Registered {
        keys,
        id_token_alg,
        access_token_format: metadata.access_token_format(),
        allowed_scope: metadata.allowed_scope().filter(|_| vouched),
        vouched,
        metadata,
        secrets: record.secrets,
        changed_at: record.updated_at,
        revision: record.revision,
        client_id: record.client_id,
    })
}
