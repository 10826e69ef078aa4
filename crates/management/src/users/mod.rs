//! Making, changing and ending accounts. A user is named by username, email address or `sub`.

pub mod claims;
mod create;
mod error;
pub mod names;
mod password;
mod update;

use std::sync::Arc;

use countersign_jose::base64url;
use countersign_jose::random::Random;
use countersign_store::Epoch;
use countersign_store::names::normalise;
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::users::User;

use crate::Context;
use crate::act::Target;
use crate::passwords::PasswordHasher;

pub use create::NewAccount;
pub use error::UserError;
pub(crate) use password::hash_new;
pub use update::AccountChanges;

/// The accounts of a deployment.
pub struct Users {
    context: Context,
    passwords: Arc<PasswordHasher>,
}

/// How many accounts are read at once.
const PAGE: u32 = 256;

impl Users {
    /// `passwords` knows what a password must be, and hashes it.
    #[must_use]
    pub fn new(context: Context, passwords: Arc<PasswordHasher>) -> Self {
        Self { context, passwords }
    }

    /// The account of that username, email address or `sub`.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`] or [`UserError::Store`].
    pub async fn find(&self, name: &str) -> Result<User, UserError> {
        if let Some(normalised) = normalise(name)
            && let Some(user) = self.context.store.user_named(&normalised).await?
        {
            return Ok(user);
        }
        let user = self.context.store.user(name).await?;
        user.ok_or_else(|| UserError::Unknown(name.to_owned()))
    }

    /// All accounts, by `sub`.
    ///
    /// # Errors
    /// Returns [`UserError::Store`].
    pub async fn list(&self) -> Result<Vec<User>, UserError> {
        let mut all: Vec<User> = Vec::new();
        loop {
            let after = all.last().map(|user| user.sub.clone()).unwrap_or_default();
            let page = self.context.store.list_users(&after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Lets no one sign in to the account and ends everything of the user.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`] or [`UserError::Store`].
    pub async fn disable(&self, name: &str, now: i64) -> Result<User, UserError> {
        let result = async {
            let user = self.find(name).await?;
            let epoch = Epoch::generate(&*self.context.random);
            let disabled = StandingChange::Disable { epoch };
            self.change_standing(&user, disabled, now).await?;
            Ok(User {
                status: Status::Disabled,
                ..user
            })
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.disable", target, &result);
        result
    }

    /// Allows a disabled user again; what ended stays ended.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`], [`UserError::Contended`] or [`UserError::Store`].
    pub async fn enable(&self, name: &str, now: i64) -> Result<User, UserError> {
        let result = async {
            let user = self.find(name).await?;
            let subject = self.context.store.subject(&user.sub).await?;
            let subject = subject.ok_or_else(|| UserError::Unknown(name.to_owned()))?;
            let enabled = StandingChange::Enable {
                disabled_by: subject.epoch,
            };
            self.change_standing(&user, enabled, now).await?;
            Ok(User {
                status: Status::Active,
                ..user
            })
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.enable", target, &result);
        result
    }

    /// Ends everything of the user: every session, and every grant with offline access too. The
    /// account stays as it is.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`] or [`UserError::Store`].
    pub async fn sign_out(&self, name: &str, now: i64) -> Result<User, UserError> {
        let result = async {
            let user = self.find(name).await?;
            let epoch = Epoch::generate(&*self.context.random);
            let ended = StandingChange::End { epoch };
            self.change_standing(&user, ended, now).await?;
            Ok(user)
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.sign_out", target, &result);
        result
    }

    /// Deletes the account; everything of the user ends, and the `sub` is never used again.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`] or [`UserError::Store`].
    pub async fn delete(&self, user: &User, now: i64) -> Result<(), UserError> {
        let result = async {
            // The subject first: what is interrupted between the two is found and deleted again.
            self.context.store.delete_subject(&user.sub, now).await?;
            let known = self.context.store.delete_user(&user.sub, now).await?;
            known
                .then_some(())
                .ok_or_else(|| UserError::Unknown(user.username.clone()))
        }
        .await;
        let target = Target::user(&user.sub);
        self.context.log("user.delete", target, &result);
        result
    }

    async fn change_standing(
        &self,
        user: &User,
        change: StandingChange,
        now: i64,
    ) -> Result<(), UserError> {
        let store = &self.context.store;
        match store
            .change_subject_standing(&user.sub, &change, now)
            .await?
        {
            StandingOutcome::Changed => Ok(()),
            StandingOutcome::ChangedMeanwhile => Err(UserError::Contended(user.username.clone())),
            StandingOutcome::Unknown => Err(UserError::Unknown(user.username.clone())),
        }
    }
}

/// A new `sub`: 128 random bits, never a name and never reused.
#[must_use]
pub fn new_sub(random: &dyn Random) -> String {
    base64url::encode(random.bytes::<16>())
}
