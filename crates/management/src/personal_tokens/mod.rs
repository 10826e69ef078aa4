//! API tokens that users make for their own programs: making, listing, changing and revoking them,
//! and their history.
//!
//! All of these tokens belong to one built-in client ([`CLIENT_ID`]), which no one can authenticate
//! as. It is created with the first token. Disabling it ends them all.

mod client;
mod error;
mod named;
mod settings;

use countersign_oauth::scope::{OFFLINE_ACCESS, Scope};
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{Authorization, EndCause, Grant, GrantView, NewGrant, Parents};
use countersign_store::personal_tokens::{
    ChangedBy, CreatePersonalToken, CreatePersonalTokenOutcome, RevokePersonalToken,
    RevokePersonalTokenOutcome, StoredChange, UpdatePersonalToken, UpdatePersonalTokenOutcome,
    WantedChanges,
};
use countersign_store::subjects::Status;
use countersign_store::{Epoch, GrantId, Token, TokenKind};
use zeroize::Zeroizing;

use crate::Context;
use crate::act::Target;

pub use client::CLIENT_ID;
pub use error::PersonalTokenError;
pub use named::{MAX_NAME_CHARACTERS, name_of};
pub use settings::PersonalTokenSettings;

/// The shortest lifetime of a token, from when it is made or changed, in seconds.
pub const MIN_LIFETIME_SECONDS: i64 = 300;

/// The personal tokens of a deployment.
pub struct PersonalTokens {
    context: Context,
    settings: PersonalTokenSettings,
    /// The network address that the request came from.
    address: Option<String>,
}

/// The user for whom a token is made, and how they were authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub sub: String,
    /// The value when the user was authenticated.
    pub epoch: Epoch,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewPersonalToken {
    /// The user's name for it. It is unique among the user's tokens.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// What it is for (RFC 8707); empty means the issuer.
    pub resources: Vec<String>,
    pub lifetime_seconds: i64,
}

/// Changes of a token. A field that is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct TokenChanges {
    pub name: Option<String>,
    /// From now on.
    pub lifetime_seconds: Option<i64>,
}

impl PersonalTokens {
    #[must_use]
    pub fn new(context: Context, settings: PersonalTokenSettings) -> Self {
        Self {
            context,
            settings,
            address: None,
        }
    }

    /// Records in the history the address that the request came from.
    #[must_use]
    pub fn from_address(self, address: Option<String>) -> Self {
        Self { address, ..self }
    }

    /// The owner of a token that someone else makes for a user, such as an operator.
    ///
    /// # Errors
    /// Returns [`PersonalTokenError::UserDisabled`] or [`PersonalTokenError::Store`].
    pub async fn owner(&self, sub: &str) -> Result<Owner, PersonalTokenError> {
        let subject = self.context.store.subject(sub).await?;
        let subject = subject.filter(|subject| subject.status == Status::Active);
        let subject = subject.ok_or(PersonalTokenError::UserDisabled)?;
        Ok(Owner {
            sub: subject.sub,
            epoch: subject.epoch,
        })
    }

    /// Makes a token. This is the only time that its plaintext is returned. `offered` are the
    /// scopes that it may have; `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns a [`PersonalTokenError`].
    pub async fn create(
        &self,
        owner: &Owner,
        new: NewPersonalToken,
        offered: &[String],
        now: i64,
    ) -> Result<(GrantView, Zeroizing<String>), PersonalTokenError> {
        let result = self.make(owner, new, offered, now).await;
        let target = Target::user(&owner.sub);
        self.context.log("personal_token.create", target, &result);
        result
    }

    async fn make(
        &self,
        owner: &Owner,
        new: NewPersonalToken,
        offered: &[String],
        now: i64,
    ) -> Result<(GrantView, Zeroizing<String>), PersonalTokenError> {
        let name = name_of(&new.name)?;
        let scope = check_scope(&new.scope, offered)?;
        let expires_at = now.saturating_add(self.lifetime(new.lifetime_seconds)?);
        let client = client::ensure(&self.context, now).await?;
        let random = &*self.context.random;
        let id = GrantId::generate(random);
        let token = Token::generate(TokenKind::PersonalToken, *id.as_bytes(), random);
        let consent = Epoch::generate(random);
        let act = CreatePersonalToken {
            grant: NewGrant {
                id,
                client_id: client.client_id,
                sub: owner.sub.clone(),
                scope: scope.clone(),
                parents: Parents {
                    user: owner.epoch,
                    client: client.epoch,
                    consent,
                    session: None,
                },
                authorization: Authorization {
                    auth_time: now,
                    resources: new.resources,
                    ..Authorization::default()
                },
                refreshable: false,
                created_at: now,
                expires_at,
            },
            name,
            token: token.hash(),
            consent: ConsentStep::Record {
                scope,
                given_to: String::new(),
                proposed_epoch: consent,
            },
            max_per_user: self.settings.max_per_user,
            by: self.by(now),
        };
        match self.context.store.create_personal_token(&act, now).await? {
            CreatePersonalTokenOutcome::Created => {
                let view = self.find(&owner.sub, &id.to_string()).await?;
                Ok((view, Zeroizing::new(token.expose())))
            }
            CreatePersonalTokenOutcome::NameTaken => Err(PersonalTokenError::NameTaken(act.name)),
            CreatePersonalTokenOutcome::TooMany => Err(PersonalTokenError::TooMany {
                limit: self.settings.max_per_user,
            }),
        }
    }

    /// All stored tokens of a user, including ended and expired ones, by id.
    ///
    /// # Errors
    /// Returns [`PersonalTokenError::Store`].
    pub async fn list(&self, sub: &str) -> Result<Vec<GrantView>, PersonalTokenError> {
        Ok(self.context.store.personal_tokens_of(sub).await?)
    }

    /// One of a user's tokens, by its id, or by its name if it has not ended.
    ///
    /// # Errors
    /// Returns [`PersonalTokenError::Unknown`] or [`PersonalTokenError::Store`].
    pub async fn find(&self, sub: &str, named: &str) -> Result<GrantView, PersonalTokenError> {
        let tokens = self.list(sub).await?;
        let by_id = |view: &&GrantView| view.grant.id.to_string() == named;
        let by_name = |view: &&GrantView| {
            view.what_ended.is_none() && named::of_grant(&view.grant) == Some(named)
        };
        let found = tokens.iter().find(by_id);
        let found = found.or_else(|| tokens.iter().rfind(by_name));
        found
            .cloned()
            .ok_or_else(|| PersonalTokenError::Unknown(named.to_owned()))
    }

    /// Changes a token's name or expiry.
    ///
    /// # Errors
    /// Returns a [`PersonalTokenError`].
    pub async fn update(
        &self,
        sub: &str,
        id: &GrantId,
        changes: TokenChanges,
        now: i64,
    ) -> Result<Grant, PersonalTokenError> {
        let result = async {
            let name = changes.name.as_deref().map(name_of).transpose()?;
            let lifetime = changes.lifetime_seconds.map(|wanted| self.lifetime(wanted));
            let lifetime = lifetime.transpose()?;
            let act = UpdatePersonalToken {
                id: *id,
                sub: sub.to_owned(),
                name,
                expires_at: lifetime.map(|lifetime| now.saturating_add(lifetime)),
                by: self.by(now),
            };
            let unknown = || PersonalTokenError::Unknown(id.to_string());
            match self.context.store.update_personal_token(&act, now).await? {
                UpdatePersonalTokenOutcome::Updated(grant) => Ok(*grant),
                UpdatePersonalTokenOutcome::NameTaken => {
                    Err(PersonalTokenError::NameTaken(act.name.unwrap_or_default()))
                }
                UpdatePersonalTokenOutcome::Over => Err(PersonalTokenError::Over(id.to_string())),
                UpdatePersonalTokenOutcome::Unknown => Err(unknown()),
            }
        }
        .await;
        let text = id.to_string();
        let target = Target::grant(&text);
        self.context.log("personal_token.update", target, &result);
        result
    }

    /// Ends a token, and everything that was issued under it.
    ///
    /// # Errors
    /// Returns [`PersonalTokenError::Unknown`], [`PersonalTokenError::Over`] or
    /// [`PersonalTokenError::Store`].
    pub async fn revoke(
        &self,
        sub: &str,
        id: &GrantId,
        cause: EndCause,
        now: i64,
    ) -> Result<Grant, PersonalTokenError> {
        let result = async {
            let act = RevokePersonalToken {
                id: *id,
                sub: sub.to_owned(),
                cause,
                by: self.by(now),
            };
            match self.context.store.revoke_personal_token(&act, now).await? {
                RevokePersonalTokenOutcome::Revoked(grant) => Ok(*grant),
                RevokePersonalTokenOutcome::AlreadyEnded => {
                    Err(PersonalTokenError::Over(id.to_string()))
                }
                RevokePersonalTokenOutcome::Unknown => {
                    Err(PersonalTokenError::Unknown(id.to_string()))
                }
            }
        }
        .await;
        let text = id.to_string();
        let target = Target::grant(&text);
        self.context.log("personal_token.revoke", target, &result);
        result
    }

    /// Up to `limit` changes of tokens, latest first.
    ///
    /// # Errors
    /// Returns [`PersonalTokenError::Store`].
    pub async fn history(
        &self,
        wanted: &WantedChanges,
        limit: u32,
    ) -> Result<Vec<StoredChange>, PersonalTokenError> {
        let store = &self.context.store;
        Ok(store.personal_token_changes(wanted, limit).await?)
    }

    fn lifetime(&self, wanted: i64) -> Result<i64, PersonalTokenError> {
        let longest = self.settings.max_lifetime_seconds;
        match (MIN_LIFETIME_SECONDS..=longest).contains(&wanted) {
            true => Ok(wanted),
            false => Err(PersonalTokenError::Lifetime {
                shortest: MIN_LIFETIME_SECONDS,
                longest,
            }),
        }
    }

    fn by(&self, now: i64) -> ChangedBy {
        ChangedBy {
            actor: self.context.actor.to_string(),
            address: self.address.clone(),
            keep_until: now.saturating_add(self.settings.history_seconds()),
        }
    }
}

/// A token has at least one scope, and only scopes that are offered. It is never refreshed, so
/// `offline_access` has no meaning.
fn check_scope(scope: &Scope, offered: &[String]) -> Result<String, PersonalTokenError> {
    let may_have = |name: &&str| *name != OFFLINE_ACCESS && offered.iter().any(|own| own == name);
    if let Some(name) = scope.iter().find(|name| !may_have(name)) {
        return Err(PersonalTokenError::ScopeNotOffered {
            scope: name.to_owned(),
            offered: offered.join(" "),
        });
    }
    match scope.is_empty() {
        true => Err(PersonalTokenError::ScopeEmpty),
        false => Ok(scope.to_string()),
    }
}
