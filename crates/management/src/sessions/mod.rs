//! Looking at browser sessions, and ending them.

mod error;

use countersign_store::SessionId;
use countersign_store::sessions::{BrowserSession, SessionView};

use crate::Context;
use crate::act::Target;

pub use error::SessionError;

/// The browser sessions of a deployment: where people are signed in.
pub struct Sessions {
    context: Context,
}

/// How many sessions are read at once.
const PAGE: u32 = 256;

/// Whether a session still signs its user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    Active,
    Expired,
    /// It has ended by itself, or with everything of its user.
    Ended,
}

impl SessionStatus {
    /// The status at `now`, in Unix seconds.
    #[must_use]
    pub fn of(view: &SessionView, now: i64) -> Self {
        match view.session.ended.is_some() || !view.user_lives {
            true => Self::Ended,
            false if now >= view.session.expires_at => Self::Expired,
            false => Self::Active,
        }
    }

    /// One word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }
}

impl Sessions {
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    /// The sessions of a user, or of all, by their ids, ended ones among them until they are
    /// collected.
    ///
    /// # Errors
    /// Returns [`SessionError::Store`].
    pub async fn list(&self, sub: Option<&str>) -> Result<Vec<SessionView>, SessionError> {
        let store = &self.context.store;
        let mut all: Vec<SessionView> = Vec::new();
        loop {
            let after = all.last().map(|view| view.session.id);
            let page = store.list_sessions(sub, after.as_ref(), PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The session of that id.
    ///
    /// # Errors
    /// Returns [`SessionError::Unknown`] or [`SessionError::Store`].
    pub async fn find(&self, id: &str) -> Result<SessionView, SessionError> {
        let unknown = || SessionError::Unknown(id.to_owned());
        let parsed: SessionId = id.parse().map_err(|_| unknown())?;
        let view = self.context.store.session(&parsed).await?;
        view.ok_or_else(unknown)
    }

    /// Ends one session and its online grants; offline grants continue. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`SessionError::Unknown`], [`SessionError::AlreadyEnded`] or
    /// [`SessionError::Store`].
    pub async fn revoke(&self, id: &str, now: i64) -> Result<BrowserSession, SessionError> {
        let result = async {
            let session = self.find(id).await?.session;
            if session.ended.is_some() {
                return Err(SessionError::AlreadyEnded(id.to_owned()));
            }
            self.context.store.end_session(&session.id, now).await?;
            Ok(session)
        }
        .await;
        let target = Target::session(id);
        self.context.log("session.revoke", target, &result);
        result
    }

    /// Ends every session of a user that is active at `now`, in Unix seconds, and returns them. A
    /// sign-in at the same moment may begin another;
    /// [`Users::sign_out`](crate::users::Users::sign_out) leaves none.
    ///
    /// # Errors
    /// Returns [`SessionError::Store`]; sessions that were ended before it stay ended.
    pub async fn revoke_all_of(
        &self,
        sub: &str,
        now: i64,
    ) -> Result<Vec<BrowserSession>, SessionError> {
        let mut ended = Vec::new();
        for view in self.list(Some(sub)).await? {
            if SessionStatus::of(&view, now) == SessionStatus::Active {
                match self.revoke(&view.session.id.to_string(), now).await {
                    Ok(session) => ended.push(session),
                    // Its user was quicker.
                    Err(SessionError::AlreadyEnded(_) | SessionError::Unknown(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ended)
    }
}
