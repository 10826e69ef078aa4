//! Registering and changing clients, by the client metadata of RFC 7591.

use std::sync::Arc;

use countersign_jose::base64url;
use countersign_jose::random::{self, SystemRandom};
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_id::is_client_id;
use countersign_oauth::client_metadata::{ClientMetadata, ClientMetadataFault, ClientPolicy};
use countersign_store::clients::{Client, ClientSecret, UpdateClient, UpdateClientOutcome};
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::{Epoch, SecretHash, Store, StoreError};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// How many clients are read at once.
const PAGE: u32 = 256;

/// The clients of a deployment.
pub struct Clients {
    store: Arc<dyn Store>,
    policy: ClientPolicy,
}

/// A client and, this once, its secret.
pub struct Registration {
    pub client: Client,
    pub client_secret: Option<Zeroizing<String>>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("there is no client {0:?}.")]
    Unknown(String),
    #[error("the client_id {0:?} is taken. Choose another one.")]
    IdTaken(String),
    #[error("the client metadata is refused: {0}.")]
    Metadata(#[from] ClientMetadataFault),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often a change that others overtook begins anew.
const MOST_TRIES: usize = 16;

/// What becomes of a client; what is `None` stays.
#[derive(Default)]
struct Change {
    metadata: Option<String>,
    secret: Option<ClientSecret>,
    /// What was issued before is not for whoever may use the client now.
    ends_grants: bool,
    /// In the clear, to be shown once.
    client_secret: Option<Zeroizing<String>>,
}

impl Clients {
    /// `policy` is what the server offers to register.
    pub fn new(store: Arc<dyn Store>, policy: ClientPolicy) -> Self {
        Self { store, policy }
    }

    /// Registers a client. Without `client_id` it gets a random one.
    pub async fn create(
        &self,
        metadata: ClientMetadata,
        client_id: Option<String>,
        now: i64,
    ) -> Result<Registration, ClientError> {
        let metadata = metadata.validate(&self.policy)?.into_inner();
        let client_id = client_id.unwrap_or_else(generate_client_id);
        if !is_client_id(&client_id) {
            let message = "a client_id has 1 to 255 printable ASCII characters other than a colon.";
            return Err(ClientError::Refused(message.to_owned()));
        }
        let (secret, client_secret) = secret_for(&metadata);
        let client = Client {
            client_id,
            epoch: Epoch::generate(&SystemRandom),
            status: Status::Active,
            secret,
            metadata: to_json(&metadata)?,
            revision: 0,
            created_at: now,
            updated_at: now,
        };
        if !self.store.create_client(&client).await? {
            return Err(ClientError::IdTaken(client.client_id));
        }
        Ok(Registration {
            client,
            client_secret,
        })
    }

    pub async fn find(&self, client_id: &str) -> Result<Client, ClientError> {
        self.store
            .client(client_id)
            .await?
            .ok_or_else(|| ClientError::Unknown(client_id.to_owned()))
    }

    /// All clients, by id.
    pub async fn list(&self) -> Result<Vec<Client>, ClientError> {
        let mut all: Vec<Client> = Vec::new();
        loop {
            let after = all
                .last()
                .map(|client| client.client_id.clone())
                .unwrap_or_default();
            let page = self.store.list_clients(&after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Replaces the members that `changes` has; one that is null is taken away. Changing to a method of authentication with a
    /// secret makes one, changing to one without drops it, and either ends the client's grants: what was issued to one who had to
    /// prove itself is not for anybody who knows the client_id.
    pub async fn update(
        &self,
        client_id: &str,
        changes: Map<String, Value>,
        now: i64,
    ) -> Result<Registration, ClientError> {
        self.change(client_id, now, |before| {
            let mut members = members_of(before)?;
            members.extend(changes.clone());
            let metadata = ClientMetadata::from_object(members)?;
            let metadata = metadata.validate(&self.policy)?.into_inner();
            let text = Some(to_json(&metadata)?);
            if needs_secret(before) == needs_secret(&metadata) {
                return Ok(Change {
                    metadata: text,
                    ..Change::default()
                });
            }
            let (secret, client_secret) = secret_for(&metadata);
            Ok(Change {
                metadata: text,
                secret: Some(secret),
                ends_grants: true,
                client_secret,
            })
        })
        .await
    }

    /// Gives the client a new secret; the old one is refused from then on.
    pub async fn rotate_secret(
        &self,
        client_id: &str,
        now: i64,
    ) -> Result<Registration, ClientError> {
        self.change(client_id, now, |metadata| {
            if !needs_secret(metadata) {
                let message = format!(
                    "the client {client_id:?} has no secret to rotate: it authenticates without one."
                );
                return Err(ClientError::Refused(message));
            }
            let (secret, client_secret) = secret_for(metadata);
            Ok(Change {
                secret: Some(secret),
                client_secret,
                ..Change::default()
            })
        })
        .await
    }

    /// Refuses the client from now on and ends its grants.
    pub async fn disable(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let epoch = Epoch::generate(&SystemRandom);
        self.change_standing(client_id, StandingChange::Disable { epoch }, now)
            .await?;
        self.find(client_id).await
    }

    /// Allows a disabled client again; what ended stays ended.
    pub async fn enable(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let disabled_by = self.find(client_id).await?.epoch;
        self.change_standing(client_id, StandingChange::Enable { disabled_by }, now)
            .await?;
        self.find(client_id).await
    }

    async fn change_standing(
        &self,
        client_id: &str,
        change: StandingChange,
        now: i64,
    ) -> Result<(), ClientError> {
        let changed = self.store.change_client_standing(client_id, &change, now);
        match changed.await? {
            StandingOutcome::Changed => Ok(()),
            StandingOutcome::ChangedMeanwhile => Err(ClientError::Refused(format!(
                "the client {client_id:?} was disabled anew meanwhile. Look at it again."
            ))),
            StandingOutcome::Unknown => Err(ClientError::Unknown(client_id.to_owned())),
        }
    }

    /// Deletes the client; its grants end.
    pub async fn delete(&self, client_id: &str, now: i64) -> Result<(), ClientError> {
        let known = self.store.delete_client(client_id, now).await?;
        known
            .then_some(())
            .ok_or_else(|| ClientError::Unknown(client_id.to_owned()))
    }

    /// Reads, decides, and writes if the client is still what was read; otherwise once more.
    async fn change(
        &self,
        client_id: &str,
        now: i64,
        decide: impl Fn(&ClientMetadata) -> Result<Change, ClientError>,
    ) -> Result<Registration, ClientError> {
        for _ in 0..MOST_TRIES {
            let client = self.find(client_id).await?;
            let change = decide(&metadata_of(&client)?)?;
            let act = UpdateClient {
                client_id: client_id.to_owned(),
                revision: client.revision,
                metadata: change.metadata,
                secret: change.secret,
            };
            let end = || StandingChange::End {
                epoch: Epoch::generate(&SystemRandom),
            };
            match self.store.update_client(&act, now).await? {
                UpdateClientOutcome::Updated => {
                    if change.ends_grants {
                        self.change_standing(client_id, end(), now).await?;
                    }
                    return Ok(Registration {
                        client: self.find(client_id).await?,
                        client_secret: change.client_secret,
                    });
                }
                UpdateClientOutcome::ChangedMeanwhile => {}
                UpdateClientOutcome::Unknown => {
                    return Err(ClientError::Unknown(client_id.to_owned()));
                }
            }
        }
        let message = format!(
            "the client {client_id:?} is being changed by others again and again. Try once more."
        );
        Err(ClientError::Refused(message))
    }
}

impl Registration {
    /// The client information response of RFC 7591, section 3.2.1, with the secret.
    pub fn response(&self) -> Result<Map<String, Value>, ClientError> {
        let mut response = client_information(&self.client)?;
        if let Some(secret) = &self.client_secret {
            response.insert("client_secret".to_owned(), Value::from(secret.as_str()));
            // Required with a client_secret; 0 says that it doesn't expire.
            response.insert("client_secret_expires_at".to_owned(), Value::from(0));
        }
        Ok(response)
    }
}

/// What is registered of a client, in the words of RFC 7591, section 3.2.1, without its secret.
pub fn client_information(client: &Client) -> Result<Map<String, Value>, ClientError> {
    let mut information = Map::new();
    information.insert(
        "client_id".to_owned(),
        Value::from(client.client_id.as_str()),
    );
    information.insert(
        "client_id_issued_at".to_owned(),
        Value::from(client.created_at),
    );
    information.extend(members_of(&metadata_of(client)?)?);
    Ok(information)
}

/// The metadata of a record.
pub fn metadata_of(client: &Client) -> Result<ClientMetadata, ClientError> {
    let corrupt =
        |error: serde_json::Error| StoreError::corrupt("client", &client.client_id, error);
    Ok(serde_json::from_str(&client.metadata).map_err(corrupt)?)
}

fn members_of(metadata: &ClientMetadata) -> Result<Map<String, Value>, ClientError> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(ClientError::Refused(
            "the client metadata can't be written as JSON.".to_owned(),
        )),
    }
}

fn to_json(metadata: &ClientMetadata) -> Result<String, ClientError> {
    Ok(Value::Object(members_of(metadata)?).to_string())
}

fn needs_secret(metadata: &ClientMetadata) -> bool {
    metadata
        .auth_method()
        .is_some_and(ClientAuthMethod::uses_secret)
}

/// 256 random bits, of which only the hash is kept.
fn secret_for(metadata: &ClientMetadata) -> (ClientSecret, Option<Zeroizing<String>>) {
    if !needs_secret(metadata) {
        return (ClientSecret::None, None);
    }
    let secret = Zeroizing::new(base64url::encode(random::bytes::<32>()));
    (
        ClientSecret::Hashed(SecretHash::of(secret.as_bytes())),
        Some(secret),
    )
}

/// 128 random bits. It never begins with a dash, which a command line would take for a flag.
fn generate_client_id() -> String {
    loop {
        let id = base64url::encode(random::bytes::<16>());
        if id.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_store::clients::{ClientEpochs, Clients as _};
    use countersign_store::memory::Memory;
    use serde_json::json;

    use super::*;

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    async fn shop(store: &Arc<Memory>) -> (Clients, Client) {
        let offered = countersign_provider::offered::to_clients(&Default::default());
        let clients = Clients::new(store.clone(), ClientPolicy::operator(offered));
        let metadata = json!({ "redirect_uris": ["https://shop.example/callback"] });
        let metadata = ClientMetadata::from_object(members(metadata)).unwrap();
        let made = clients
            .create(metadata, Some("shop".to_owned()), 1000)
            .await;
        (clients, made.unwrap().client)
    }

    #[tokio::test]
    async fn changing_between_confidential_and_public_ends_the_grants_and_nothing_else_does() {
        let store = Arc::new(Memory::new());
        let (clients, made) = shop(&store).await;
        let update = async |changes: Value| {
            clients
                .update("shop", members(changes), 1001)
                .await
                .unwrap()
                .client
        };
        let renamed = update(json!({ "client_name": "Shop" })).await;
        assert_eq!(renamed.epoch, made.epoch);
        let posting = update(json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
        assert_eq!(posting.epoch, made.epoch);
        let public = update(json!({ "token_endpoint_auth_method": "none" })).await;
        assert_ne!(public.epoch, made.epoch);
        assert_eq!(public.status, Status::Active);
        let disabled = clients.disable("shop", 1002).await.unwrap();
        let confidential =
            update(json!({ "token_endpoint_auth_method": "client_secret_basic" })).await;
        assert_ne!(confidential.epoch, disabled.epoch);
        assert_eq!(
            confidential.status,
            Status::Disabled,
            "what was disabled stays so"
        );
    }

    #[tokio::test]
    async fn rotating_the_secret_leaves_the_metadata_as_it_is_stored() {
        let store = Arc::new(Memory::new());
        let (clients, made) = shop(&store).await;
        let stored = format!(" {} ", made.metadata);
        let act = UpdateClient {
            client_id: "shop".to_owned(),
            revision: store.client("shop").await.unwrap().unwrap().revision,
            metadata: Some(stored.clone()),
            secret: None,
        };
        let updated = store.update_client(&act, 1001).await.unwrap();
        assert_eq!(updated, UpdateClientOutcome::Updated);
        let rotated = clients.rotate_secret("shop", 1002).await.unwrap();
        assert!(rotated.client_secret.is_some());
        let kept = store.client("shop").await.unwrap().unwrap();
        assert_eq!(kept.metadata, stored);
        assert_ne!(kept.secret, made.secret);
        assert_eq!(kept.epoch, made.epoch);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_two_operators_neither_undoes_what_the_other_changed() {
        let store = Arc::new(Memory::new());
        let (clients, _) = shop(&store).await;
        let clients = Arc::new(clients);
        let names = ["client_name", "client_uri", "policy_uri", "tos_uri"];
        for round in 0..20 {
            let changes = names.map(|name| {
                let clients = Arc::clone(&clients);
                tokio::spawn(async move {
                    let value = Value::from(format!("https://shop.example/{round}"));
                    let change = Map::from_iter([(name.to_owned(), value)]);
                    clients.update("shop", change, 1001).await.unwrap();
                })
            });
            for change in changes {
                change.await.unwrap();
            }
            let kept = store.client("shop").await.unwrap().unwrap();
            let kept: Map<String, Value> = serde_json::from_str(&kept.metadata).unwrap();
            for name in names {
                assert_eq!(
                    kept[name],
                    format!("https://shop.example/{round}"),
                    "{name}"
                );
            }
        }
    }
}
