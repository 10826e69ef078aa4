//! The tokens by which an operator lets clients register themselves (RFC 7591, section 3), and so
//! vouches for them.

use countersign_jose::base64url;
use countersign_store::registration::InitialAccessToken;
use countersign_store::{StoreError, Token, TokenKind};
use zeroize::Zeroizing;

use crate::Context;
use crate::act::Target;

/// The initial access tokens of a deployment.
pub struct InitialAccessTokens {
    context: Context,
}

/// A token to be made.
#[derive(Debug, Default, Clone)]
pub struct NewInitialAccessToken {
    /// What the operator wants to remember of it.
    pub note: Option<String>,
    /// How long it is valid, in seconds; `None` without an end.
    pub lifetime_seconds: Option<u32>,
    /// How many clients it registers; `None` without a limit.
    pub uses: Option<u32>,
}

/// What happened instead of the change. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum InitialAccessTokenError {
    #[error("there is no initial access token {0:?}")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl InitialAccessTokens {
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    /// Makes a token, and returns it in the clear, this once. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`InitialAccessTokenError::Store`].
    pub async fn create(
        &self,
        new: NewInitialAccessToken,
        now: i64,
    ) -> Result<(InitialAccessToken, Zeroizing<String>), InitialAccessTokenError> {
        let random = &*self.context.random;
        let id: [u8; 16] = random.bytes();
        let token = Token::generate(TokenKind::InitialAccess, id, random);
        let record = InitialAccessToken {
            id: base64url::encode(id),
            hash: token.hash(),
            note: new.note,
            expires_at: new
                .lifetime_seconds
                .map(|seconds| now.saturating_add(seconds.into())),
            uses_left: new.uses.map(i64::from),
            created_at: now,
        };
        let written = self.context.store.create_initial_access_token(&record, now);
        let result = written.await.map_err(InitialAccessTokenError::from);
        self.context
            .log("initial_access_token.create", Target::DEPLOYMENT, &result);
        result?;
        Ok((record, Zeroizing::new(token.expose())))
    }

    /// All of them, those that are used up or expired too.
    ///
    /// # Errors
    /// Returns [`InitialAccessTokenError::Store`].
    pub async fn list(&self) -> Result<Vec<InitialAccessToken>, InitialAccessTokenError> {
        Ok(self.context.store.initial_access_tokens().await?)
    }

    /// Deletes one by its id. The clients that it registered stay.
    ///
    /// # Errors
    /// Returns [`InitialAccessTokenError::Unknown`] or [`InitialAccessTokenError::Store`].
    pub async fn delete(&self, id: &str, now: i64) -> Result<(), InitialAccessTokenError> {
        let result = async {
            match self
                .context
                .store
                .delete_initial_access_token(id, now)
                .await?
            {
                true => Ok(()),
                false => Err(InitialAccessTokenError::Unknown(id.to_owned())),
            }
        }
        .await;
        self.context
            .log("initial_access_token.delete", Target::DEPLOYMENT, &result);
        result
    }
}
