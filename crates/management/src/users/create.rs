//! Making an account.

use countersign_jose::random::Random;
use countersign_store::Epoch;
use countersign_store::standing::Status;
use countersign_store::users::{CreateUserOutcome, NewUser, User};
use serde_json::{Map, Value};

use super::claims::check_claims;
use super::names::{check_email, check_username};
use super::password::hash_new;
use super::{UserError, Users, new_sub};
use crate::act::Target;

/// An account to be made.
#[derive(Debug, Default, Clone)]
pub struct NewAccount {
    pub username: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub administrator: bool,
    /// Claims by their OIDC names (OpenID Connect Core 1.0, section 5.1) and the operator's own.
    pub claims: Map<String, Value>,
}

impl Users {
    /// Makes an account. Without a password no one can sign in to it yet. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`UserError::Username`], [`UserError::Email`], [`UserError::Claim`],
    /// [`UserError::GivenTwice`], [`UserError::Password`], [`UserError::NameTaken`],
    /// [`UserError::Hashing`] or [`UserError::Store`].
    pub async fn create(
        &self,
        account: NewAccount,
        password: Option<&str>,
        now: i64,
    ) -> Result<User, UserError> {
        let result = async {
            let user = account.into_user(&*self.context.random, now)?;
            let password_hash = match password {
                Some(password) => {
                    Some(hash_new(&self.context, &self.passwords, &user, password).await?)
                }
                None => None,
            };
            let new = NewUser {
                user: user.clone(),
                epoch: Epoch::generate(&*self.context.random),
                password_hash,
            };
            match self.context.store.create_user(&new, now).await? {
                CreateUserOutcome::Created => Ok(user),
                CreateUserOutcome::UsernameTaken => Err(UserError::NameTaken(user.username)),
                CreateUserOutcome::EmailTaken => {
                    Err(UserError::NameTaken(user.email.unwrap_or_default()))
                }
                CreateUserOutcome::SubjectTaken => Err(UserError::NameTaken(user.sub)),
            }
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.create", target, &result);
        result
    }
}

impl NewAccount {
    /// The record of an account whose names and claims are in order, with a new `sub`.
    pub(crate) fn into_user(self, random: &dyn Random, now: i64) -> Result<User, UserError> {
        let Self {
            username,
            email,
            name,
            administrator,
            mut claims,
        } = self;
        check_username(&username).map_err(UserError::Username)?;
        let email = match (email, claims.remove("email")) {
            (Some(email), None) => Some(email),
            (None, Some(Value::String(email))) => Some(email),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(UserError::GivenTwice("email")),
            (None, Some(_)) => return Err(super::claims::ClaimFault::wrong_type("email").into()),
        };
        if let Some(email) = &email {
            check_email(email).map_err(UserError::Email)?;
        }
        if let Some(name) = name
            && claims
                .insert("name".to_owned(), Value::from(name))
                .is_some()
        {
            return Err(UserError::GivenTwice("name"));
        }
        check_claims(&claims)?;
        Ok(User {
            sub: new_sub(random),
            username,
            email,
            administrator,
            status: Status::Active,
            claims,
            created_at: now,
            updated_at: now,
        })
    }
}
