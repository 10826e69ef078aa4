//! Looking at grants, and ending them.

mod error;

use countersign_store::GrantId;
use countersign_store::grants::{EndCause, EndGrantOutcome, Grant, GrantView, Origin, WhatEnded};

use crate::Context;
use crate::act::Target;
use crate::personal_tokens::{PersonalTokenError, PersonalTokenSettings, PersonalTokens};

pub use countersign_store::listing::WantedGrants;
pub use error::GrantError;

/// The grants of a deployment: what users have allowed clients.
pub struct Grants {
    context: Context,
    personal_tokens: PersonalTokenSettings,
}

/// How many grants are read at once.
const PAGE: u32 = 256;

/// Whether a grant is still good for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantStatus {
    /// Its tokens are accepted until they expire.
    Active,
    /// Its code has not been redeemed yet.
    CodeUnused,
    Expired,
    /// It, or something that it depends on, has ended.
    Ended(WhatEnded),
}

impl GrantStatus {
    /// The status at `now`, in Unix seconds.
    #[must_use]
    pub fn of(view: &GrantView, now: i64) -> Self {
        let grant = &view.grant;
        let code = grant.origin.voucher().filter(|code| code.used.is_none());
        match (view.what_ended, code) {
            (Some(what_ended), _) => Self::Ended(what_ended),
            (None, Some(code)) if now >= code.expires_at => Self::Expired,
            (None, _) if now >= grant.expires_at => Self::Expired,
            (None, Some(_)) => Self::CodeUnused,
            (None, None) => Self::Active,
        }
    }

    /// One word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::CodeUnused => "code_unused",
            Self::Expired => "expired",
            Self::Ended(_) => "ended",
        }
    }
}

impl Grants {
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            context,
            personal_tokens: PersonalTokenSettings::default(),
        }
    }

    /// Remembers the end of a personal token for as long as these say.
    #[must_use]
    pub fn with_personal_tokens(self, personal_tokens: PersonalTokenSettings) -> Self {
        Self {
            personal_tokens,
            ..self
        }
    }

    /// The wanted grants, by their ids, ended ones among them until they are collected.
    ///
    /// # Errors
    /// Returns [`GrantError::Store`].
    pub async fn list(&self, wanted: &WantedGrants) -> Result<Vec<GrantView>, GrantError> {
        let store = &self.context.store;
        let mut all: Vec<GrantView> = Vec::new();
        loop {
            let after = all.last().map(|view| view.grant.id);
            let page = store.list_grants(wanted, after.as_ref(), PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The grant of that id, as it is in the log and in `grant_id` of its JWTs.
    ///
    /// # Errors
    /// Returns [`GrantError::Unknown`] or [`GrantError::Store`].
    pub async fn find(&self, id: &str) -> Result<GrantView, GrantError> {
        let unknown = || GrantError::Unknown(id.to_owned());
        let parsed: GrantId = id.parse().map_err(|_| unknown())?;
        let view = self.context.store.grant(&parsed).await?;
        view.ok_or_else(unknown)
    }

    /// Ends one grant with all of its tokens. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`GrantError::Unknown`], [`GrantError::AlreadyEnded`] or [`GrantError::Store`].
    pub async fn revoke(&self, id: &str, now: i64) -> Result<Grant, GrantError> {
        let result = async {
            let GrantView { grant, what_ended } = self.find(id).await?;
            let cause = EndCause::DeletedByOperator;
            if matches!(grant.origin, Origin::Personal(_)) {
                return self.revoke_personal_token(grant, what_ended, now).await;
            }
            let store = &self.context.store;
            match store.end_grant(&grant.id, None, cause, now).await? {
                EndGrantOutcome::Ended => Ok(grant),
                EndGrantOutcome::AlreadyEnded => Err(GrantError::AlreadyEnded {
                    id: id.to_owned(),
                    what_ended: what_ended.unwrap_or(WhatEnded::Grant(cause)),
                }),
                EndGrantOutcome::Unknown | EndGrantOutcome::ForeignClient => {
                    Err(GrantError::Unknown(id.to_owned()))
                }
            }
        }
        .await;
        self.context.log("grant.revoke", Target::grant(id), &result);
        result
    }

    /// The same for a token that its user made, in whose history it is remembered.
    async fn revoke_personal_token(
        &self,
        grant: Grant,
        what_ended: Option<WhatEnded>,
        now: i64,
    ) -> Result<Grant, GrantError> {
        let cause = EndCause::DeletedByOperator;
        let tokens = PersonalTokens::new(self.context.clone(), self.personal_tokens.clone());
        match tokens.revoke(&grant.sub, &grant.id, cause, now).await {
            Ok(grant) => Ok(grant),
            Err(PersonalTokenError::Store(error)) => Err(error.into()),
            Err(_) => Err(GrantError::AlreadyEnded {
                id: grant.id.to_string(),
                what_ended: what_ended.unwrap_or(WhatEnded::Grant(cause)),
            }),
        }
    }

    /// Ends everything that a user has allowed a client, offline access too, and forgets the
    /// consent: the user is asked again. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`GrantError::NothingAllowed`] or [`GrantError::Store`].
    pub async fn withdraw(&self, sub: &str, client_id: &str, now: i64) -> Result<(), GrantError> {
        let result = async {
            let store = &self.context.store;
            match store.withdraw_consent(sub, client_id, now).await? {
                true => Ok(()),
                false => Err(GrantError::NothingAllowed(client_id.to_owned())),
            }
        }
        .await;
        let target = Target::user_at_client(sub, client_id);
        self.context.log("consent.withdraw", target, &result);
        result
    }
}
