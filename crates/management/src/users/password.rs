//! Setting a password.

use std::sync::Arc;

use countersign_store::Epoch;
use countersign_store::standing::StandingChange;
use countersign_store::users::User;

use super::{UserError, Users};
use crate::passwords::{PasswordHasher, PasswordSettings, check_password};

impl Users {
    /// Sets a new password and ends everything of the user.
    ///
    /// # Errors
    /// [`UserError::Unknown`], [`UserError::Password`], [`UserError::Hashing`],
    /// [`UserError::Store`].
    pub async fn set_password(
        &self,
        name: &str,
        password: &str,
        now: i64,
    ) -> Result<User, UserError> {
        let user = self.find(name).await?;
        let hash = self.hash(password).await?;
        if !self
            .context
            .store
            .set_password(&user.sub, &hash, now)
            .await?
        {
            return Err(UserError::Unknown(name.to_owned()));
        }
        // Only now: a sign-in reads the epoch before the hash, so whoever was verified by the old
        // one has an epoch that ends here.
        let epoch = Epoch::generate(&*self.context.random);
        self.change_standing(&user, StandingChange::End { epoch }, now)
            .await?;
        Ok(user)
    }

    pub(super) async fn hash(&self, password: &str) -> Result<String, UserError> {
        check_password(password, &self.passwords)?;
        let settings = PasswordSettings {
            hashing_threads: 1,
            ..self.passwords.clone()
        };
        let hasher = PasswordHasher::start(&settings, Arc::clone(&self.context.random))?;
        Ok(hasher.hash(password).await?)
    }
}
