//! Changing a client: its metadata, and its secret.
//!
//! A change reads the client, decides, and is written only if the client is still what was read;
//! otherwise it starts again, so that two operators never undo what the other changed.

use countersign_oauth::client_id_url::is_client_id_url;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::Epoch;
use countersign_store::clients::{
    Client, ClientSecret, ClientSecrets, UpdateClient, UpdateClientOutcome,
};
use countersign_store::standing::StandingChange;
use countersign_store::users::Replacement;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::registration::{members_of, metadata_of, to_json};
use super::secrets::{KeptAs, refuse_another_of, unexpired};
use super::sector::Sector;
use super::{AddressChange, ClientError, Clients, Registration, refuse_built_in};
use crate::act::Target;

/// How often a change that others overtook starts again.
const MAX_TRIES: usize = 16;

/// What becomes of a client; what is `None` stays.
#[derive(Default)]
struct Change {
    metadata: Option<String>,
    secrets: Option<ClientSecrets>,
    owner: Option<Replacement<String>>,
    /// What was issued before must not be usable by someone who controls the client now, or not for
    /// what it would tell now.
    ends_grants: bool,
    /// What the client's `sector_identifier_uri` must list.
    sector: Option<Sector>,
    /// In the clear, to be shown once.
    client_secret: Option<Zeroizing<String>>,
}

impl Change {
    /// Other secrets, of which the last is new.
    fn of_secrets(
        mut secrets: Vec<ClientSecret>,
        (new, client_secret): (ClientSecret, Zeroizing<String>),
    ) -> Change {
        secrets.push(new);
        Change {
            secrets: Some(secrets.into()),
            client_secret: Some(client_secret),
            ..Change::default()
        }
    }
}

impl Clients {
    /// Replaces the members that `changes` has, removing one that is null; then adds and removes
    /// the single addresses.
    ///
    /// Changing to a method of authentication with a secret makes one, changing to one without
    /// drops them all, and either ends the client's grants: what was issued to a client that had to
    /// authenticate must not be usable by anyone who knows the client_id. So does a change of the
    /// subject type or of a pairwise client's sector: by a token of before, the client would learn
    /// both subjects of a user (OpenID Connect Core, section 8.1). A client
    /// that begins or ceases to use its secret as the key of a MAC gets a new one in place of all
    /// that it had, because the two kinds are kept in different forms.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::IsADocument`], [`ClientError::Metadata`],
    /// [`ClientError::Sector`], [`ClientError::NotRegistered`], [`ClientError::Contended`] or
    /// [`ClientError::Store`].
    pub async fn update(
        &self,
        client_id: &str,
        changes: Map<String, Value>,
        addresses: &[AddressChange],
        now: i64,
    ) -> Result<Registration, ClientError> {
        let result = self
            .change(client_id, now, |client| {
                if is_client_id_url(client_id) {
                    return Err(ClientError::IsADocument(client_id.to_owned()));
                }
                let before = metadata_of(client)?;
                let mut members = members_of(&before)?;
                members.extend(changes.clone());
                let mut metadata = ClientMetadata::from_object(members)?;
                for address in addresses {
                    address.apply(&mut metadata)?;
                }
                self.to(client_id, &before, metadata, now)
            })
            .await;
        let target = Target::client(client_id);
        self.context.log("client.update", target, &result);
        result
    }

    /// Gives the client to another user, or to no one. Whose it is decides nothing else of it.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::OwnerUnknown`], [`ClientError::Contended`]
    /// or [`ClientError::Store`].
    pub async fn change_owner(
        &self,
        client_id: &str,
        owner: Replacement<String>,
        now: i64,
    ) -> Result<Client, ClientError> {
        let result = async {
            if let Replacement::Set(sub) = &owner {
                self.check_owner(Some(sub)).await?;
            }
            let changed = self.change(client_id, now, |_| {
                Ok(Change {
                    owner: Some(owner.clone()),
                    ..Change::default()
                })
            });
            Ok(changed.await?.client)
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.change_owner", target, &result);
        result
    }

    /// Replaces all of the metadata, if the client still has that revision.
    pub(super) async fn replace_members(
        &self,
        client_id: &str,
        members: Map<String, Value>,
        revision: i64,
        now: i64,
    ) -> Result<Registration, ClientError> {
        self.change(client_id, now, |client| {
            if revision != client.revision {
                return Err(ClientError::Contended(client_id.to_owned()));
            }
            let before = metadata_of(client)?;
            let metadata = ClientMetadata::from_object(members.clone())?;
            self.to(client_id, &before, metadata, now)
        })
        .await
    }

    /// Gives the client a new revision and changes nothing: what was cached of it is read again.
    pub(super) async fn renew_revision(
        &self,
        client_id: &str,
        now: i64,
    ) -> Result<(), ClientError> {
        let renewed = self.change(client_id, now, |_| Ok(Change::default()));
        renewed.await.map(drop)
    }

    /// The change from one metadata to another, and of the secret with it.
    fn to(
        &self,
        client_id: &str,
        before: &ClientMetadata,
        metadata: ClientMetadata,
        now: i64,
    ) -> Result<Change, ClientError> {
        let metadata = metadata.validate(&self.policy)?.into_inner();
        let text = Some(to_json(&metadata)?);
        // What was proven before, and has not changed, is not fetched again.
        let sector = Sector::of(&metadata).filter(|now| Sector::of(before).as_ref() != Some(now));
        let subjects_change = subjects_of(before) != subjects_of(&metadata);
        let (had, has) = (KeptAs::of(before), KeptAs::of(&metadata));
        if had == has {
            return Ok(Change {
                metadata: text,
                ends_grants: subjects_change,
                sector,
                ..Change::default()
            });
        }
        let made = self.secret_maker(client_id, now).first(&metadata);
        let (secret, client_secret) = made.unzip();
        Ok(Change {
            metadata: text,
            secrets: Some(Vec::from_iter(secret).into()),
            // Between two kinds of secret, the client authenticates before and after.
            ends_grants: subjects_change || had.is_none() || has.is_none(),
            client_secret,
            sector,
            ..Change::default()
        })
    }

    /// Gives the client a new secret. The others are refused after `overlap_seconds`, and at once
    /// if that is 0.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::NoSecret`],
    /// [`ClientError::TooManySecrets`], [`ClientError::Contended`] or [`ClientError::Store`].
    pub async fn rotate_secret(
        &self,
        client_id: &str,
        overlap_seconds: i64,
        now: i64,
    ) -> Result<Registration, ClientError> {
        let rotated = self.change(client_id, now, |client| {
            let kept_as = self.kept_as(client)?;
            let new = self.secret_maker(client_id, now).make(kept_as, None);
            let mut others = unexpired(client, now);
            let ends_at = now.saturating_add(overlap_seconds);
            others.retain_mut(|secret| {
                let until = secret.expires_at.map_or(ends_at, |at| at.min(ends_at));
                secret.expires_at = Some(until);
                overlap_seconds > 0
            });
            refuse_another_of(others.len(), client_id)?;
            Ok(Change::of_secrets(others, new))
        });
        let result = rotated.await;
        let target = Target::client(client_id);
        self.context.log("client.rotate_secret", target, &result);
        result
    }

    /// Gives the client one more secret, which is refused from `expires_at` on if that is given
    /// (Unix seconds). The others stay.
    ///
    /// # Errors
    /// As [`rotate_secret`](Self::rotate_secret), and [`ClientError::SecretExpired`].
    pub async fn add_secret(
        &self,
        client_id: &str,
        expires_at: Option<i64>,
        now: i64,
    ) -> Result<Registration, ClientError> {
        let added = self.change(client_id, now, |client| {
            let kept_as = self.kept_as(client)?;
            if expires_at.is_some_and(|expires_at| expires_at <= now) {
                return Err(ClientError::SecretExpired);
            }
            let others = unexpired(client, now);
            refuse_another_of(others.len(), client_id)?;
            let new = self.secret_maker(client_id, now).make(kept_as, expires_at);
            Ok(Change::of_secrets(others, new))
        });
        let result = added.await;
        let target = Target::client(client_id);
        self.context.log("client.add_secret", target, &result);
        result
    }

    /// Refuses one of the client's secrets from now on. The last that has not expired stays:
    /// without one the client could not authenticate.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::UnknownSecret`],
    /// [`ClientError::LastSecret`], [`ClientError::Contended`] or [`ClientError::Store`].
    pub async fn remove_secret(
        &self,
        client_id: &str,
        secret_id: &str,
        now: i64,
    ) -> Result<Client, ClientError> {
        let removed = self.change(client_id, now, |client| {
            if !client.secrets.iter().any(|secret| secret.id == secret_id) {
                return Err(ClientError::UnknownSecret {
                    client_id: client_id.to_owned(),
                    secret_id: secret_id.to_owned(),
                });
            }
            let mut others = unexpired(client, now);
            others.retain(|secret| secret.id != secret_id);
            match others.is_empty() {
                true => Err(ClientError::LastSecret(client_id.to_owned())),
                false => Ok(Change {
                    secrets: Some(others.into()),
                    ..Change::default()
                }),
            }
        });
        let result = removed.await.map(|registration| registration.client);
        let target = Target::client(client_id);
        self.context.log("client.remove_secret", target, &result);
        result
    }

    fn kept_as(&self, client: &Client) -> Result<KeptAs, ClientError> {
        let kept_as = match is_client_id_url(&client.client_id) {
            true => None,
            false => KeptAs::of(&metadata_of(client)?),
        };
        kept_as.ok_or_else(|| ClientError::NoSecret(client.client_id.clone()))
    }

    /// Reads, decides, and writes if the client is still what was read; otherwise once more.
    async fn change(
        &self,
        client_id: &str,
        now: i64,
        decide: impl Fn(&Client) -> Result<Change, ClientError>,
    ) -> Result<Registration, ClientError> {
        refuse_built_in(client_id)?;
        for _ in 0..MAX_TRIES {
            let client = self.find(client_id).await?;
            let change = decide(&client)?;
            self.prove(change.sector).await?;
            let act = UpdateClient {
                client_id: client_id.to_owned(),
                revision: client.revision,
                metadata: change.metadata,
                secrets: change.secrets,
                owner: change.owner,
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

/// The sector that a client's subjects are of; `None` if it knows users by their own `sub`.
fn subjects_of(metadata: &ClientMetadata) -> Option<String> {
    // A pairwise client without a sector is told nothing.
    let sector = metadata.is_pairwise().then(|| metadata.sector());
    sector.map(Result::unwrap_or_default)
}
