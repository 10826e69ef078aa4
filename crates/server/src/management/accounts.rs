//! Making and changing accounts. A user is named by username, email address or `sub`.

use std::sync::Arc;

use countersign_jose::random::SystemRandom;
use countersign_provider::accounts::new_sub;
use countersign_provider::passwords::{HashingError, PasswordHasher};
use countersign_provider::settings::PasswordSettings;
use countersign_provider::setup::form::{is_email, is_username};
use countersign_store::names::normalise;
use countersign_store::standing::{StandingChange, StandingOutcome, Status};
use countersign_store::users::{CreateUserOutcome, NewUser, User};
use countersign_store::{Epoch, Store, StoreError};
use serde_json::{Map, Value};

/// What the account itself says, or the provider at each token: never a claim of the user's own.
const RESERVED_CLAIMS: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "updated_at",
    "client_id",
    "scope",
    "cnf",
    "act",
];

/// How many accounts are read at once.
const PAGE: u32 = 256;

/// The accounts of a deployment.
pub struct Accounts {
    store: Arc<dyn Store>,
    passwords: PasswordSettings,
}

/// An account to be made.
#[derive(Debug, Default)]
pub struct AccountRequest {
    pub username: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub administrator: bool,
    /// Claims by their OIDC names (OpenID Connect Core 1.0, section 5.1) and the operator's own.
    pub claims: Map<String, Value>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("there is no user {0:?}.")]
    Unknown(String),
    #[error("the name {0:?} is taken. Choose another one.")]
    NameTaken(String),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hashing(#[from] HashingError),
}

impl Accounts {
    pub fn new(store: Arc<dyn Store>, passwords: PasswordSettings) -> Self {
        Self { store, passwords }
    }

    /// Makes an account; without a password nobody can sign in to it yet.
    pub async fn create(
        &self,
        request: AccountRequest,
        password: Option<&str>,
        now: i64,
    ) -> Result<User, AccountError> {
        let user = user_of(request, now)?;
        let password_hash = match password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        let new = NewUser {
            user: user.clone(),
            epoch: Epoch::generate(&SystemRandom),
            password_hash,
        };
        match self.store.create_user(&new, now).await? {
            CreateUserOutcome::Created => Ok(user),
            CreateUserOutcome::UsernameTaken => Err(AccountError::NameTaken(user.username)),
            CreateUserOutcome::EmailTaken => {
                Err(AccountError::NameTaken(user.email.unwrap_or_default()))
            }
            CreateUserOutcome::SubjectTaken => Err(AccountError::NameTaken(user.sub)),
        }
    }

    /// The account of that username, email address or `sub`.
    pub async fn find(&self, name: &str) -> Result<User, AccountError> {
        if let Some(normalised) = normalise(name)
            && let Some(user) = self.store.user_named(&normalised).await?
        {
            return Ok(user);
        }
        self.store
            .user(name)
            .await?
            .ok_or_else(|| AccountError::Unknown(name.to_owned()))
    }

    /// All accounts, by `sub`.
    pub async fn list(&self) -> Result<Vec<User>, AccountError> {
        let mut all: Vec<User> = Vec::new();
        loop {
            let after = all.last().map(|user| user.sub.clone()).unwrap_or_default();
            let page = self.store.list_users(&after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Sets a new password and ends everything of the user.
    pub async fn set_password(
        &self,
        name: &str,
        password: &str,
        now: i64,
    ) -> Result<User, AccountError> {
        let user = self.find(name).await?;
        let hash = self.hash(password).await?;
        if !self.store.set_password(&user.sub, &hash, now).await? {
            return Err(AccountError::Unknown(name.to_owned()));
        }
        // Only now: a sign-in reads the epoch before the hash, so whoever was verified by the old
        // one has an epoch that ends here.
        let epoch = Epoch::generate(&SystemRandom);
        self.change(&user, StandingChange::End { epoch }, now)
            .await?;
        Ok(user)
    }

    async fn change(
        &self,
        user: &User,
        change: StandingChange,
        now: i64,
    ) -> Result<(), AccountError> {
        let changed = self.store.change_subject_standing(&user.sub, &change, now);
        match changed.await? {
            StandingOutcome::Changed => Ok(()),
            StandingOutcome::ChangedMeanwhile => Err(AccountError::Refused(format!(
                "{} was disabled anew meanwhile. Look at it again.",
                user.username
            ))),
            StandingOutcome::Unknown => Err(AccountError::Unknown(user.username.clone())),
        }
    }

    /// Disables the user and ends everything of theirs, or allows them again.
    pub async fn set_status(
        &self,
        name: &str,
        status: Status,
        now: i64,
    ) -> Result<User, AccountError> {
        let mut user = self.find(name).await?;
        let unknown = || AccountError::Unknown(name.to_owned());
        let change = match status {
            Status::Active => StandingChange::Enable {
                disabled_by: self
                    .store
                    .subject(&user.sub)
                    .await?
                    .ok_or_else(unknown)?
                    .epoch,
            },
            Status::Disabled => StandingChange::Disable {
                epoch: Epoch::generate(&SystemRandom),
            },
        };
        self.change(&user, change, now).await?;
        user.status = status;
        Ok(user)
    }

    /// Deletes the account; everything of it ends.
    pub async fn delete(&self, user: &User, now: i64) -> Result<(), AccountError> {
        // The subject first: what is interrupted between the two is found and deleted again.
        self.store.delete_subject(&user.sub, now).await?;
        let known = self.store.delete_user(&user.sub, now).await?;
        known
            .then_some(())
            .ok_or_else(|| AccountError::Unknown(user.username.clone()))
    }

    async fn hash(&self, password: &str) -> Result<String, AccountError> {
        let PasswordSettings {
            minimum_characters,
            maximum_bytes,
            ..
        } = self.passwords;
        let characters = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
        if characters < minimum_characters {
            let message = format!(
                "the password has {characters} characters, {minimum_characters} are the least."
            );
            return Err(AccountError::Refused(message));
        }
        if password.len() > maximum_bytes {
            let message = format!("the password has more than {maximum_bytes} bytes.");
            return Err(AccountError::Refused(message));
        }
        let settings = PasswordSettings {
            hashing_threads: 1,
            ..self.passwords.clone()
        };
        let hasher = PasswordHasher::start(&settings, Arc::new(SystemRandom))?;
        Ok(hasher.hash(password).await?)
    }
}

fn user_of(request: AccountRequest, now: i64) -> Result<User, AccountError> {
    let AccountRequest {
        username,
        email,
        name,
        administrator,
        mut claims,
    } = request;
    let refused = |message: String| AccountError::Refused(message);
    if !is_username(&username) {
        return Err(refused(
            "a username has no white space and no invisible characters, and at most 320 bytes."
                .to_owned(),
        ));
    }
    if let Some(reserved) = RESERVED_CLAIMS
        .iter()
        .find(|claim| claims.contains_key(**claim))
    {
        return Err(refused(format!(
            "the claim {reserved} is not the user's own to have. Leave it out."
        )));
    }
    let email = match (email, claims.remove("email")) {
        (Some(email), None) => Some(email),
        (None, Some(Value::String(email))) => Some(email),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(refused("email is given twice.".to_owned())),
        (None, Some(_)) => return Err(refused("the claim email must be a text.".to_owned())),
    };
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(refused(
            "the email address needs a name, an @ and a domain.".to_owned(),
        ));
    }
    if let Some(name) = name
        && claims
            .insert("name".to_owned(), Value::from(name))
            .is_some()
    {
        return Err(refused("name is given twice.".to_owned()));
    }
    check_types(&claims).map_err(refused)?;
    Ok(User {
        sub: new_sub(&SystemRandom),
        username,
        email,
        administrator,
        status: Status::Active,
        claims,
        created_at: now,
        updated_at: now,
    })
}

/// OpenID Connect Core 1.0, section 5.1: what type each standard claim has. All but these are texts.
fn check_types(claims: &Map<String, Value>) -> Result<(), String> {
    const TEXTS: &[&str] = &[
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
    ];
    for (name, value) in claims {
        let expected = match name.as_str() {
            "email_verified" | "phone_number_verified" if !value.is_boolean() => "true or false",
            "address" if !value.is_object() => "an object (OpenID Connect Core 1.0, section 5.1.1)",
            text if TEXTS.contains(&text) && !value.is_string() => "a text",
            _ => continue,
        };
        return Err(format!("the claim {name} must be {expected}."));
    }
    Ok(())
}
