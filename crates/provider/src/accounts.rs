//! Who people are: the trait that provides credentials and claims, and the built-in accounts.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_management::passwords::{HashingError, PasswordHasher};
use countersign_store::names::normalise;
use countersign_store::subjects::Status;
use countersign_store::users::User;
use countersign_store::{Epoch, Store};
use serde_json::{Map, Value};

use crate::error::{Failure, ServerFault};

/// Accounts, wherever they are kept. The grant store has its own row for each subject.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Checks a name and a password. An unknown name takes as long as a wrong password.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the accounts cannot be read or the hash cannot be computed. A
    /// refused sign-in is not an error but a [`Proof`].
    async fn verify_password(&self, name: &str, password: &str) -> Result<Proof, Failure>;

    /// The account of a `sub`; `None` if there is none.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the accounts cannot be read.
    async fn account(&self, sub: &str) -> Result<Option<Account>, Failure>;

    /// Called at the start and by the upkeep: learns what is needed so that a sign-in takes the
    /// same time for every name.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the accounts can't be read. The next upkeep tries again.
    async fn equalise_times(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The result of a sign-in attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The user, with the epoch that was read before the password's hash.
    Accepted {
        sub: String,
        user_epoch: Epoch,
    },
    UnknownName,
    WrongPassword,
    Disabled,
    /// Nothing was checked: too many hashes are waiting.
    Busy,
}

/// What userinfo, consent and account selection show of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub sub: String,
    pub username: String,
    /// Claims by their OIDC names (OpenID Connect Core, section 5.1) and the operator's own;
    /// without `sub`.
    pub claims: Map<String, Value>,
}

impl Account {
    pub fn email(&self) -> Option<&str> {
        self.claims.get("email").and_then(Value::as_str)
    }

    /// Whether the person signs in with this name: the username or the email address, compared as
    /// at sign-in.
    pub fn has_name(&self, name: &str) -> bool {
        let typed = normalise(name);
        let own = [Some(self.username.as_str()), self.email()];
        typed.is_some() && own.into_iter().flatten().any(|own| normalise(own) == typed)
    }

    /// `name`, or the username if there is none.
    pub fn display_name(&self) -> &str {
        self.claims
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or(&self.username)
    }
}

/// Accounts in the store.
pub struct BuiltInAccounts {
    store: Arc<dyn Store>,
    passwords: Arc<PasswordHasher>,
    clock: Arc<dyn crate::clock::Clock>,
}

impl BuiltInAccounts {
    pub fn new(
        store: Arc<dyn Store>,
        passwords: Arc<PasswordHasher>,
        clock: Arc<dyn crate::clock::Clock>,
    ) -> BuiltInAccounts {
        BuiltInAccounts {
            store,
            passwords,
            clock,
        }
    }

    async fn upgrade(&self, sub: &str, old: &str, password: &str) -> Result<(), Failure> {
        let new = self.passwords.hash(password).await;
        let new = new.map_err(hashing_failed)?;
        let now = self.clock.now();
        self.store
            .upgrade_password_hash(sub, old, &new, now)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Accounts for BuiltInAccounts {
    async fn verify_password(&self, name: &str, password: &str) -> Result<Proof, Failure> {
        // The same reads for every name: no account has an empty one.
        let name = normalise(name).unwrap_or_default();
        let sub = self.store.sub_named(&name).await?.unwrap_or_default();
        // The standing is read first, then the hash: a new password is written before everything
        // ends, so a sign-in that is verified with the old one carries an epoch that ends
        // afterwards.
        let subject = self.store.subject(&sub).await?;
        let credential = self.store.credential(&sub).await?;
        let hash = credential
            .as_ref()
            .and_then(|credential| credential.password_hash.as_deref());
        let matches = match self.passwords.verify(password, hash).await {
            Err(HashingError::Busy) => return Ok(Proof::Busy),
            verified => verified.map_err(hashing_failed)?,
        };
        let Some(credential) = &credential else {
            return Ok(Proof::UnknownName);
        };
        if !matches {
            return Ok(Proof::WrongPassword);
        }
        let Some(subject) = subject.filter(|subject| subject.status == Status::Active) else {
            return Ok(Proof::Disabled);
        };
        if let Some(old) = hash.filter(|hash| self.passwords.is_outdated(hash))
            && let Err(failure) = self.upgrade(&credential.sub, old, password).await
        {
            // The password was right; its hash is upgraded at a later sign-in.
            tracing::warn!(%failure, "a password hash could not be upgraded");
        }
        Ok(Proof::Accepted {
            sub: credential.sub.clone(),
            user_epoch: subject.epoch,
        })
    }

    async fn account(&self, sub: &str) -> Result<Option<Account>, Failure> {
        Ok(self.store.user(sub).await?.map(account_of))
    }

    /// Stored hashes may be costlier than today's: after the parameters were lowered, or after an
    /// import.
    async fn equalise_times(&self) -> Result<(), Failure> {
        let parameters = self.store.password_parameters().await?;
        self.passwords.cover(&parameters);
        Ok(())
    }
}

/// The claims of a built-in account: the user's own, with the names that the account itself has.
pub fn account_of(user: User) -> Account {
    let mut claims = user.claims;
    claims
        .entry("preferred_username")
        .or_insert_with(|| Value::from(user.username.clone()));
    if let Some(email) = user.email {
        claims.insert("email".to_owned(), Value::from(email));
        claims.entry("email_verified").or_insert(Value::Bool(false));
    }
    claims
        .entry("updated_at")
        .or_insert(Value::from(user.updated_at));
    Account {
        sub: user.sub,
        username: user.username,
        claims,
    }
}

/// The cause of a hash that was not computed.
#[must_use]
pub fn hashing_failed(error: HashingError) -> Failure {
    let cause = match error {
        HashingError::Busy => ServerFault::HashingBusy,
        HashingError::Unreadable
        | HashingError::TooCostly
        | HashingError::ControlCharacter
        | HashingError::Parameters => ServerFault::RecordCorrupt,
    };
    Failure::from(cause).detail(error.to_string())
}
