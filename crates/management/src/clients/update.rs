//! Changing a client: its metadata, and its secret.
//!
//! A change reads the client, decides, and is written only if the client is still what was read;
//! otherwise it starts again, so that two operators never undo what the other changed.

use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::Epoch;
use countersign_store::clients::{ClientSecret, UpdateClient, UpdateClientOutcome};
use countersign_store::standing::StandingChange;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::identity::{needs_secret, secret_for};
use super::registration::{members_of, metadata_of, to_json};
use super::{AddressChange, ClientError, Clients, Registration};
use crate::act::Target;

/// How often a change that others overtook starts again.
const MAX_TRIES: usize = 16;

/// What becomes of a client; what is `None` stays.
#[derive(Default)]
struct Change {
    metadata: Option<String>,
    secret: Option<ClientSecret>,
    /// What was issued before must not be usable by someone who controls the client now.
    ends_grants: bool,
    /// In the clear, to be shown once.
    client_secret: Option<Zeroizing<String>>,
}

impl Clients {
    /// Replaces the members that `changes` has, removing one that is null; then adds and removes
    /// the single addresses.
    ///
    /// Changing to a method of authentication with a secret makes one, changing to one without
    /// drops it, and either ends the client's grants: what was issued to a client that had to
    /// authenticate must not be usable by anyone who knows the client_id.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::Metadata`], [`ClientError::NotRegistered`],
    /// [`ClientError::Contended`] or [`ClientError::Store`].
    pub async fn update(
        &self,
        client_id: &str,
        changes: Map<String, Value>,
        addresses: &[AddressChange],
        now: i64,
    ) -> Result<Registration, ClientError> {
        let result = self
            .change(client_id, now, |before| {
                let mut members = members_of(before)?;
                members.extend(changes.clone());
                let mut metadata = ClientMetadata::from_object(members)?;
                for address in addresses {
                    address.apply(&mut metadata)?;
                }
                self.to(before, metadata)
            })
            .await;
        let target = Target::client(client_id);
        self.context.log("client.update", target, &result);
        result
    }

    /// Replaces all of the metadata.
    pub(super) async fn replace_members(
        &self,
        client_id: &str,
        members: Map<String, Value>,
        now: i64,
    ) -> Result<Registration, ClientError> {
        self.change(client_id, now, |before| {
            self.to(before, ClientMetadata::from_object(members.clone())?)
        })
        .await
    }

    /// The change from one metadata to another, and of the secret with it.
    fn to(&self, before: &ClientMetadata, metadata: ClientMetadata) -> Result<Change, ClientError> {
        let metadata = metadata.validate(&self.policy)?.into_inner();
        let text = Some(to_json(&metadata)?);
        if needs_secret(before) == needs_secret(&metadata) {
            return Ok(Change {
                metadata: text,
                ..Change::default()
            });
        }
        let random = &*self.context.random;
        let (secret, client_secret) = secret_for(&metadata, random);
        Ok(Change {
            metadata: text,
            secret: Some(secret),
            ends_grants: true,
            client_secret,
        })
    }

    /// Gives the client a new secret; the old one is refused from then on.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::NoSecret`], [`ClientError::Contended`] or
    /// [`ClientError::Store`].
    pub async fn rotate_secret(
        &self,
        client_id: &str,
        now: i64,
    ) -> Result<Registration, ClientError> {
        let result = async {
            self.change(client_id, now, |metadata| {
                if !needs_secret(metadata) {
                    return Err(ClientError::NoSecret(client_id.to_owned()));
                }
                let (secret, client_secret) = secret_for(metadata, &*self.context.random);
                Ok(Change {
                    secret: Some(secret),
                    client_secret,
                    ..Change::default()
                })
            })
            .await
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.rotate_secret", target, &result);
        result
    }

    /// Reads, decides, and writes if the client is still what was read; otherwise once more.
    async fn change(
        &self,
        client_id: &str,
        now: i64,
        decide: impl Fn(&ClientMetadata) -> Result<Change, ClientError>,
    ) -> Result<Registration, ClientError> {
        for _ in 0..MAX_TRIES {
            let client = self.find(client_id).await?;
            let change = decide(&metadata_of(&client)?)?;
            let act = UpdateClient {
                client_id: client_id.to_owned(),
                revision: client.revision,
                metadata: change.metadata,
                secret: change.secret,
            };
            match self.context.store.update_client(&act, now).await? {
                UpdateClientOutcome::Updated => {
                    if change.ends_grants {
                        let epoch = Epoch::generate(&*self.context.random);
                        let ended = StandingChange::End { epoch };
                        self.change_standing(client_id, ended, now).await?;
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
        Err(ClientError::Contended(client_id.to_owned()))
    }
}
