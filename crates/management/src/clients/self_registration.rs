//! Clients that register themselves (RFC 7591) and manage their registration (RFC 7592).
//!
//! What such a client may register is the
//! [`ClientPolicy`](countersign_oauth::client_metadata::ClientPolicy) for clients themselves. An
//! initial access token says that an operator vouches for it.

use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::clients::Client;
use countersign_store::registration::{RegisterClient, RegisterOutcome, Registration as Record};
use countersign_store::standing::Status;
use countersign_store::{Epoch, SecretHash, Token, TokenKind};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::identity::generate_client_id;
use super::registration::to_json;
use super::sector::Sector;
use super::vouching::stays_within;
use super::{ClientError, Clients, Registration};
use crate::act::Target;

/// A client, with what is shown of it this once.
pub struct SelfRegistration {
    pub registration: Registration,
    /// RFC 7592, section 3.
    pub registration_access_token: Zeroizing<String>,
}

/// A client that presented its registration access token.
pub struct Registrant {
    pub client: Client,
    /// Whether an operator vouches for it.
    pub vouched: bool,
    presented: SecretHash,
}

impl Registrant {
    /// Whether an operator vouches for the client, and still does with this metadata.
    ///
    /// # Errors
    /// Returns [`ClientError::Metadata`] if it is not client metadata, or [`ClientError::Store`].
    pub fn stays_vouched(&self, members: &Map<String, Value>) -> Result<bool, ClientError> {
        Ok(self.vouched && stays_within(&self.client, members)?)
    }
}

impl Clients {
    /// Registers a client for itself. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`ClientError::Metadata`], [`ClientError::Sector`],
    /// [`ClientError::InitialAccessTokenRefused`] or [`ClientError::Store`].
    pub async fn register(
        &self,
        metadata: ClientMetadata,
        initial_access_token: Option<&str>,
        now: i64,
    ) -> Result<SelfRegistration, ClientError> {
        let result = self.write(metadata, initial_access_token, now).await;
        let target = match &result {
            Ok(made) => Target::client(&made.registration.client.client_id),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("client.register", target, &result);
        result
    }

    async fn write(
        &self,
        metadata: ClientMetadata,
        initial_access_token: Option<&str>,
        now: i64,
    ) -> Result<SelfRegistration, ClientError> {
        let presented = initial_access_token
            .map(|token| hash_of(TokenKind::InitialAccess, token))
            .map(|hash| hash.ok_or(ClientError::InitialAccessTokenRefused))
            .transpose()?;
        let random = &*self.context.random;
        let metadata = metadata.validate(&self.policy)?.into_inner();
        if let Some(sector) = Sector::of(&metadata) {
            if let Some(presented) = &presented {
                self.refuse_unknown(presented, now).await?;
            }
            self.prove(Some(sector)).await?;
        }
        let client_id = generate_client_id(random);
        let new_secret = self.secret_maker(&client_id, now).first(&metadata);
        let (secret, client_secret) = new_secret.unzip();
        let token = Token::generate(TokenKind::RegistrationAccess, random.bytes(), random);
        let act = RegisterClient {
            client: Client {
                client_id,
                epoch: Epoch::generate(random),
                status: Status::Active,
                secrets: Vec::from_iter(secret).into(),
                metadata: to_json(&metadata)?,
                owner: None,
                revision: 0,
                created_at: now,
                updated_at: now,
            },
            registration: Record {
                token: token.hash(),
                predecessor: None,
                vouched: presented.is_some(),
            },
            initial_access_token: presented,
        };
        match self.context.store.register_client(&act, now).await? {
            RegisterOutcome::Registered => Ok(SelfRegistration {
                registration: Registration {
                    client: act.client,
                    client_secret,
                },
                registration_access_token: Zeroizing::new(token.expose()),
            }),
            RegisterOutcome::ClientIdTaken => Err(ClientError::ClientIdTaken(act.client.client_id)),
            RegisterOutcome::TokenRefused => Err(ClientError::InitialAccessTokenRefused),
        }
    }

    /// The client that a registration access token manages; `None` if the token is not accepted for
    /// it, or there is no such client.
    ///
    /// # Errors
    /// Returns [`ClientError::Store`].
    pub async fn registrant(
        &self,
        client_id: &str,
        registration_access_token: &str,
    ) -> Result<Option<Registrant>, ClientError> {
        let store = &self.context.store;
        let Some(presented) = hash_of(TokenKind::RegistrationAccess, registration_access_token)
        else {
            return Ok(None);
        };
        // The client first: if an operator vouches for it between the two reads, what it sends is of
        // an older revision, and is not written.
        let client = store.client(client_id).await?;
        let registration = store.registration(client_id).await?;
        let Some(registration) = registration.filter(|known| known.accepts(&presented)) else {
            return Ok(None);
        };
        if registration.predecessor.is_some() && registration.token == presented {
            store
                .settle_registration_token(client_id, &presented)
                .await?;
        }
        // A client that an operator disabled no longer manages itself.
        let client = client.filter(|client| client.status == Status::Active);
        Ok(client.map(|client| Registrant {
            client,
            vouched: registration.vouched,
            presented,
        }))
    }

    /// Replaces the metadata of a client by what it sent (RFC 7592, section 2.2): what it left out
    /// is gone. The registration access token is replaced with it. A client that becomes something
    /// else than what was vouched for ([`Registrant::stays_vouched`]) loses its voucher first; the
    /// caller has held it to the policy of one without. If anyone has changed the client since it
    /// was read, nothing is written.
    ///
    /// # Errors
    /// Returns [`ClientError::Metadata`], [`ClientError::Sector`], [`ClientError::Contended`] or
    /// [`ClientError::Store`].
    pub async fn replace(
        &self,
        registrant: &Registrant,
        members: Map<String, Value>,
        now: i64,
    ) -> Result<SelfRegistration, ClientError> {
        let client_id = &registrant.client.client_id;
        let result = async {
            if registrant.vouched && !registrant.stays_vouched(&members)? {
                // What is refused changes nothing, the voucher neither.
                ClientMetadata::from_object(members.clone())?.validate(&self.policy)?;
                self.withdraw_voucher(&registrant.client).await?;
            }
            // An operator who vouches for the client meanwhile has not seen this.
            let revision = registrant.client.revision;
            let replaced = self.replace_members(client_id, members, revision, now);
            let registration = replaced.await?;
            let random = &*self.context.random;
            let token = Token::generate(TokenKind::RegistrationAccess, random.bytes(), random);
            let (presented, next) = (&registrant.presented, token.hash());
            let store = &self.context.store;
            match store
                .rotate_registration_token(client_id, presented, &next)
                .await?
            {
                true => Ok(SelfRegistration {
                    registration,
                    registration_access_token: Zeroizing::new(token.expose()),
                }),
                false => Err(ClientError::Contended(client_id.clone())),
            }
        }
        .await;
        self.context
            .log("client.replace", Target::client(client_id), &result);
        result
    }
}

fn hash_of(kind: TokenKind, token: &str) -> Option<SecretHash> {
    Token::parse(kind, token).map(|token| token.hash())
}
