//! Setting a password.

use countersign_store::Epoch;
use countersign_store::standing::StandingChange;
use countersign_store::users::User;

use super::{UserError, Users};
use crate::Context;
use crate::act::Target;
use crate::passwords::{PasswordHasher, check_password, names_of, own_names};

impl Users {
    /// Sets a new password and ends everything of the user. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`UserError::Unknown`], [`UserError::Password`], [`UserError::Hashing`] or
    /// [`UserError::Store`].
    pub async fn set_password(
        &self,
        name: &str,
        password: &str,
        now: i64,
    ) -> Result<User, UserError> {
        let result = async {
            let user = self.find(name).await?;
            let hash = hash_new(&self.context, &self.passwords, &user, password).await?;
            if !self
                .context
                .store
                .set_password(&user.sub, &hash, now)
                .await?
            {
                return Err(UserError::Unknown(name.to_owned()));
            }
            // Only now: a sign-in reads the epoch before the hash, so a sign-in that was verified
            // with the old hash has an epoch that ends here.
            let epoch = Epoch::generate(&*self.context.random);
            self.change_standing(&user, StandingChange::End { epoch }, now)
                .await?;
            Ok(user)
        }
        .await;
        let target = match &result {
            Ok(user) => Target::user(&user.sub),
            Err(_) => Target::DEPLOYMENT,
        };
        self.context.log("user.set_password", target, &result);
        result
    }
}

/// The hash of a new password, after checking that the password is good enough for this account.
pub(crate) async fn hash_new(
    context: &Context,
    passwords: &PasswordHasher,
    user: &User,
    password: &str,
) -> Result<String, UserError> {
    let names = own_names(names_of(user), &context.issuer);
    check_password(password, &names, passwords.settings())?;
    Ok(passwords.hash(password).await?)
}
