//! First setup: the link that makes the first administrator. Only its hash is stored, and a new
//! link replaces the one before.

use countersign_jose::random::Random;
use countersign_store::setup::{SetupLinkState, SetupOutcome};
use countersign_store::users::{NewUser, User};
use countersign_store::{Epoch, StoreError, Token, TokenKind};
use zeroize::Zeroizing;

use crate::Context;
use crate::act::Target;
use crate::passwords::PasswordHasher;
use crate::users::{NewAccount, UserError, hash_new};

/// Why no administrator was made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the setup link is not valid")]
    Link(SetupLinkState),
    #[error(transparent)]
    Account(#[from] UserError),
}

/// A new link, or `None` if there is already an administrator. It is valid for `lifetime_seconds`
/// from `now` (Unix seconds).
///
/// # Errors
/// Returns a [`StoreError`] if the store fails.
pub async fn new_setup_link(
    context: &Context,
    lifetime_seconds: u32,
    now: i64,
) -> Result<Option<Zeroizing<String>>, StoreError> {
    let result = async {
        let random: &dyn Random = &*context.random;
        let token = Token::generate(TokenKind::SetupLink, random.bytes(), random);
        let expires_at = now + i64::from(lifetime_seconds);
        let store = &context.store;
        let stored = store.put_setup_link(&token.hash(), expires_at, now).await?;
        let address = context.issuer.endpoint("/setup");
        Ok(stored.then(|| Zeroizing::new(format!("{address}?token={}", token.expose()))))
    }
    .await;
    let target = Target::DEPLOYMENT;
    context.log("setup.link", target, &result);
    result
}

/// Uses the link up and makes the first administrator, in one act. `now` is Unix seconds.
///
/// # Errors
/// Returns [`SetupError::Link`] if the link is not valid or there is an administrator;
/// [`SetupError::Account`] as [`Users::create`](crate::users::Users::create).
pub async fn create_administrator(
    context: &Context,
    passwords: &PasswordHasher,
    link: &Token,
    account: NewAccount,
    password: &str,
    now: i64,
) -> Result<NewUser, SetupError> {
    let result = async {
        let account = NewAccount {
            administrator: true,
            ..account
        };
        let user = account.into_user(&*context.random, now)?;
        let password_hash = hash_new(context, passwords, &user, password).await?;
        let new = NewUser {
            user,
            epoch: Epoch::generate(&*context.random),
            password_hash: Some(password_hash),
        };
        let store = &context.store;
        let made = store.create_administrator(&link.hash(), &new, now).await;
        let taken = |name: &str| UserError::NameTaken(name.to_owned()).into();
        let User {
            username, email, ..
        } = &new.user;
        match made.map_err(UserError::from)? {
            SetupOutcome::Created => Ok(new),
            SetupOutcome::Refused(state) => Err(SetupError::Link(state)),
            SetupOutcome::UsernameTaken | SetupOutcome::SubjectTaken => Err(taken(username)),
            SetupOutcome::EmailTaken => Err(taken(email.as_deref().unwrap_or_default())),
        }
    }
    .await;
    let target = match &result {
        Ok(new) => Target::user(&new.user.sub),
        Err(_) => Target::DEPLOYMENT,
    };
    context.log("setup.create_administrator", target, &result);
    result
}
