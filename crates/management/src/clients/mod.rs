//! Registering, changing and ending clients, by the client metadata of RFC 7591.
//!
//! What a client may register is the [`ClientPolicy`] that the caller derives from what the server
//! offers; the rules themselves are `oauth::client_metadata`.

mod addresses;
mod error;
mod identity;
mod registration;
mod secrets;
mod sector;
mod self_registration;
mod update;
mod vouching;

use std::sync::Arc;

use countersign_jose::seal::Keyring;
use countersign_oauth::client_id::is_client_id;
use countersign_oauth::client_id_url::{ClientIdUrl, is_client_id_url};
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_store::Epoch;
use countersign_store::clients::{Client, ClientSecrets, UNSEEN_METADATA};
use countersign_store::standing::{StandingChange, StandingOutcome, Status};

use crate::act::Target;
use crate::{Context, personal_tokens};
use identity::generate_client_id;
use registration::to_json;
use secrets::SecretMaker;
use sector::{NothingFetched, Sector};

pub use addresses::{AddressChange, AddressList};
pub use error::ClientError;
pub use registration::{Registration, client_information, metadata_of};
pub(crate) use secrets::seal_secret;
pub use secrets::{NewSecret, open_secret, secret_information};
pub use sector::{SectorFault, SectorIdentifiers};
pub use self_registration::{Registrant, SelfRegistration};

/// The clients of a deployment.
pub struct Clients {
    context: Context,
    sealing: Keyring,
    policy: ClientPolicy,
    sectors: Arc<dyn SectorIdentifiers>,
}

/// A client to be registered.
#[derive(Debug, Default)]
pub struct NewClient {
    pub metadata: ClientMetadata,
    /// Without it, the client gets a random one.
    pub client_id: Option<String>,
    /// The `sub` of the user to whom it belongs.
    pub owner: Option<String>,
}

/// How many clients are read at once.
const PAGE: u32 = 256;

impl Clients {
    /// `sealing` is made from the master key; `policy` is what the server offers to register.
    #[must_use]
    pub fn new(context: Context, sealing: Keyring, policy: ClientPolicy) -> Self {
        Self {
            context,
            sealing,
            policy,
            sectors: Arc::new(NothingFetched),
        }
    }

    /// Fetches what a `sector_identifier_uri` lists; otherwise a client that has one is refused.
    #[must_use]
    pub fn with_sectors(self, sectors: Arc<dyn SectorIdentifiers>) -> Self {
        Self { sectors, ..self }
    }

    /// Registers a client. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`ClientError::Metadata`], [`ClientError::Sector`],
    /// [`ClientError::ClientIdInvalid`], [`ClientError::ClientIdTaken`], [`ClientError::BuiltIn`],
    /// [`ClientError::OwnerUnknown`] or [`ClientError::Store`].
    pub async fn create(&self, new: NewClient, now: i64) -> Result<Registration, ClientError> {
        let result = async {
            let NewClient {
                metadata,
                client_id,
                owner,
            } = new;
            let metadata = metadata.validate(&self.policy)?.into_inner();
            self.check_owner(owner.as_deref()).await?;
            let random = &*self.context.random;
            let client_id = client_id.unwrap_or_else(|| generate_client_id(random));
            if !is_client_id(&client_id) {
                return Err(ClientError::ClientIdInvalid(client_id));
            }
            refuse_built_in(&client_id)?;
            self.prove(Sector::of(&metadata)).await?;
            let new_secret = self.secret_maker(&client_id, now).first(&metadata);
            let (secret, client_secret) = new_secret.unzip();
            let client = Client {
                client_id,
                epoch: Epoch::generate(random),
                status: Status::Active,
                secrets: Vec::from_iter(secret).into(),
                metadata: to_json(&metadata)?,
                owner,
                revision: 0,
                created_at: now,
                updated_at: now,
            };
            if !self.context.store.create_client(&client).await? {
                return Err(ClientError::ClientIdTaken(client.client_id));
            }
            Ok(Registration {
                client,
                client_secret,
            })
        }
        .await;
        let target = match &result {
            Ok(made) => Target::client(&made.client.client_id),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("client.create", target, &result);
        result
    }

    /// The client of that id, disabled or not.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`] or [`ClientError::Store`].
    pub async fn find(&self, client_id: &str) -> Result<Client, ClientError> {
        self.context
            .store
            .client(client_id)
            .await?
            .ok_or_else(|| ClientError::Unknown(client_id.to_owned()))
    }

    /// All clients, by id.
    ///
    /// # Errors
    /// Returns [`ClientError::Store`].
    pub async fn list(&self) -> Result<Vec<Client>, ClientError> {
        let mut all: Vec<Client> = Vec::new();
        loop {
            let after = all
                .last()
                .map(|client| client.client_id.clone())
                .unwrap_or_default();
            let page = self.context.store.list_clients(&after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// All clients that belong to a user, by id: also of a user who is disabled or was deleted.
    ///
    /// # Errors
    /// Returns [`ClientError::Store`].
    pub async fn owned_by(&self, sub: &str) -> Result<Vec<Client>, ClientError> {
        let mut owned = self.list().await?;
        owned.retain(|client| client.owner.as_deref() == Some(sub));
        Ok(owned)
    }

    /// That an owner is there.
    async fn check_owner(&self, owner: Option<&str>) -> Result<(), ClientError> {
        let Some(sub) = owner else {
            return Ok(());
        };
        match self.context.store.subject(sub).await? {
            Some(_) => Ok(()),
            None => Err(ClientError::OwnerUnknown(sub.to_owned())),
        }
    }

    /// Refuses the client from now on and ends its grants. One that is a metadata document is
    /// refused although no one has used it yet.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`] or [`ClientError::Store`].
    pub async fn disable(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let result = async {
            let epoch = Epoch::generate(&*self.context.random);
            let disabled = StandingChange::Disable { epoch };
            let changed = self.change_standing(client_id, disabled, now).await;
            match changed {
                Err(ClientError::Unknown(_)) if is_client_id_url(client_id) => {
                    self.name_unseen(client_id, now).await?;
                    self.change_standing(client_id, disabled, now).await?;
                }
                changed => changed?,
            }
            self.find(client_id).await
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.disable", target, &result);
        result
    }

    /// Allows a disabled client again; what ended stays ended.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::Contended`] or [`ClientError::Store`].
    pub async fn enable(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let result = async {
            let disabled_by = self.find(client_id).await?.epoch;
            let enabled = StandingChange::Enable { disabled_by };
            self.change_standing(client_id, enabled, now).await?;
            self.find(client_id).await
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.enable", target, &result);
        result
    }

    /// Ends every grant of the client, and its own access tokens. It may go on and get new ones.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`] or [`ClientError::Store`].
    pub async fn revoke_grants(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let result = async {
            let epoch = Epoch::generate(&*self.context.random);
            let ended = StandingChange::End { epoch };
            self.change_standing(client_id, ended, now).await?;
            self.find(client_id).await
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.revoke_grants", target, &result);
        result
    }

    /// Deletes the client. Its grants end, and its id is never given to another one.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::IsADocument`], [`ClientError::BuiltIn`] or
    /// [`ClientError::Store`].
    pub async fn delete(&self, client_id: &str, now: i64) -> Result<(), ClientError> {
        let result = async {
            refuse_built_in(client_id)?;
            // Its document would bring it back; a client that is disabled stays so.
            if is_client_id_url(client_id) {
                return Err(ClientError::IsADocument(client_id.to_owned()));
            }
            let known = self.context.store.delete_client(client_id, now).await?;
            known
                .then_some(())
                .ok_or_else(|| ClientError::Unknown(client_id.to_owned()))
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.delete", target, &result);
        result
    }

    /// Writes a record for a client of which only its document's address is known.
    async fn name_unseen(&self, client_id: &str, now: i64) -> Result<(), ClientError> {
        if ClientIdUrl::parse(client_id).is_err() {
            return Err(ClientError::Unknown(client_id.to_owned()));
        }
        let client = Client {
            client_id: client_id.to_owned(),
            epoch: Epoch::generate(&*self.context.random),
            status: Status::Active,
            secrets: ClientSecrets::default(),
            metadata: UNSEEN_METADATA.to_owned(),
            owner: None,
            revision: 0,
            created_at: now,
            updated_at: now,
        };
        // If it is taken by now, the client is there.
        let _is_new = self.context.store.create_client(&client).await?;
        Ok(())
    }

    fn secret_maker<'a>(&'a self, client_id: &'a str, now: i64) -> SecretMaker<'a> {
        SecretMaker {
            client_id,
            sealing: &self.sealing,
            random: &*self.context.random,
            now,
        }
    }

    async fn change_standing(
        &self,
        client_id: &str,
        change: StandingChange,
        now: i64,
    ) -> Result<(), ClientError> {
        let store = &self.context.store;
        match store
            .change_client_standing(client_id, &change, now)
            .await?
        {
            StandingOutcome::Changed => Ok(()),
            StandingOutcome::ChangedMeanwhile => Err(ClientError::Contended(client_id.to_owned())),
            StandingOutcome::Unknown => Err(ClientError::Unknown(client_id.to_owned())),
        }
    }
}

/// A built-in client can't be created or changed by hand, but can be disabled.
fn refuse_built_in(client_id: &str) -> Result<(), ClientError> {
    match client_id == personal_tokens::CLIENT_ID {
        true => Err(ClientError::BuiltIn(client_id.to_owned())),
        false => Ok(()),
    }
}
