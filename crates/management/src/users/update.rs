//! Changing an account: its names, its claims, whether it is an administrator.

use countersign_store::users::{
    EMAIL_VERIFIED, EmailVerified, Replacement, UpdateUser, UpdateUserOutcome, User,
};
use serde_json::{Map, Value};

use super::claims::{ClaimFault, check_claims};
use super::names::{check_email, check_username};
use super::{UserError, Users};
use crate::act::Target;

/// What to change of an account. What is `None`, or is not named, stays.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct AccountChanges {
    pub username: Option<String>,
    /// A new address is not verified, unless `email_verified` says otherwise.
    pub email: Option<Replacement<String>>,
    /// Whether the email address, after this change, counts as verified.
    pub email_verified: Option<bool>,
    pub administrator: Option<bool>,
    /// Claims by their names; null removes one. `email` and `email_verified` may be here instead.
    pub claims: Map<String, Value>,
}

impl Users {
    /// Changes an account; everything that it doesn't name stays. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`], [`UserError::Username`], [`UserError::Email`],
    /// [`UserError::Claim`], [`UserError::GivenTwice`], [`UserError::NoEmail`],
    /// [`UserError::NameTaken`], [`UserError::Contended`] or [`UserError::Store`].
    pub async fn update(
        &self,
        name: &str,
        changes: AccountChanges,
        now: i64,
    ) -> Result<User, UserError> {
        let result = async {
            let changes = changes.checked()?;
            let user = self.find(name).await?;
            let email_verified = match changes.email_verified {
                Some(is_verified) => Some(EmailVerified {
                    email: changes.email_of(&user).ok_or(UserError::NoEmail)?,
                    is_verified,
                }),
                None => None,
            };
            let act = UpdateUser {
                sub: user.sub.clone(),
                username: changes.username.clone(),
                email: changes.email.clone(),
                email_verified,
                administrator: changes.administrator,
                claims: changes.claims.into_iter().map(replacement).collect(),
            };
            match self.context.store.update_user(&act, now).await? {
                UpdateUserOutcome::Updated(user) => Ok(user),
                UpdateUserOutcome::UsernameTaken => {
                    Err(UserError::NameTaken(act.username.unwrap_or_default()))
                }
                UpdateUserOutcome::EmailTaken => Err(UserError::NameTaken(match act.email {
                    Some(Replacement::Set(email)) => email,
                    _ => String::new(),
                })),
                UpdateUserOutcome::EmailIsAnother => Err(UserError::Contended(user.username)),
                UpdateUserOutcome::Unknown => Err(UserError::Unknown(name.to_owned())),
            }
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.update", target, &result);
        result
    }
}

impl AccountChanges {
    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The changes with `email` and `email_verified` in their own fields, once names and claims
    /// were found to be in order.
    fn checked(mut self) -> Result<Self, UserError> {
        if let Some(email) = self.claims.remove("email") {
            let email = match email {
                Value::String(email) => Replacement::Set(email),
                Value::Null => Replacement::Remove,
                _ => return Err(ClaimFault::wrong_type("email").into()),
            };
            if self.email.replace(email).is_some() {
                return Err(UserError::GivenTwice("email"));
            }
        }
        if let Some(verified) = self.claims.remove(EMAIL_VERIFIED) {
            let verified = verified.as_bool();
            let verified = verified.ok_or_else(|| ClaimFault::wrong_type(EMAIL_VERIFIED))?;
            if self.email_verified.replace(verified).is_some() {
                return Err(UserError::GivenTwice(EMAIL_VERIFIED));
            }
        }
        if let Some(username) = &self.username {
            check_username(username).map_err(UserError::Username)?;
        }
        if let Some(Replacement::Set(email)) = &self.email {
            check_email(email).map_err(UserError::Email)?;
        }
        check_claims(&self.claims)?;
        Ok(self)
    }

    /// The address that the account has afterwards.
    fn email_of(&self, user: &User) -> Option<String> {
        match &self.email {
            Some(Replacement::Set(email)) => Some(email.clone()),
            Some(Replacement::Remove) => None,
            None => user.email.clone(),
        }
    }
}

fn replacement((name, value): (String, Value)) -> (String, Replacement<Value>) {
    match value {
        Value::Null => (name, Replacement::Remove),
        value => (name, Replacement::Set(value)),
    }
}
