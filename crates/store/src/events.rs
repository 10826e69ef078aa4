//! What changed, written in the act that changed it: the one source of audit, webhooks and push.
//!
//! Rows are claimed and marked, never read by a watermark: ids commit out of order.

use async_trait::async_trait;

use crate::StoreError;

#[async_trait]
pub trait Events: Send + Sync {
    /// Claims up to `limit` undelivered events until `claimed_until`; a claim that ran out may be
    /// claimed again by anybody.
    async fn claim_events(
        &self,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Marks events as delivered.
    async fn finish_events(&self, ids: &[i64], now: i64) -> Result<(), StoreError>;
}

/// An event as an act writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub at: i64,
    pub sub: Option<String>,
    pub client_id: Option<String>,
    /// The grant, session or key that it is about: an identifier, never a secret.
    pub about: Option<String>,
    /// A cause in the store's words ([`crate::grants::EndCause::as_str`]).
    pub cause: Option<&'static str>,
}

impl Event {
    pub fn new(kind: EventKind, at: i64) -> Event {
        Event {
            kind,
            at,
            sub: None,
            client_id: None,
            about: None,
            cause: None,
        }
    }

    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "the claim's name; nobody subtracts from an event"
    )]
    pub fn sub(mut self, sub: &str) -> Event {
        self.sub = Some(sub.to_owned());
        self
    }

    #[must_use]
    pub fn client(mut self, client_id: &str) -> Event {
        self.client_id = Some(client_id.to_owned());
        self
    }

    #[must_use]
    pub fn about(mut self, about: impl ToString) -> Event {
        self.about = Some(about.to_string());
        self
    }

    #[must_use]
    pub fn cause(mut self, cause: &'static str) -> Event {
        self.cause = Some(cause);
        self
    }
}

/// An event in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub id: i64,
    pub kind: EventKind,
    pub at: i64,
    pub sub: Option<String>,
    pub client_id: Option<String>,
    pub about: Option<String>,
    pub cause: Option<String>,
}

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $($(#[$doc])* $name,)* }

        impl EventKind {
            pub const ALL: &'static [EventKind] = &[$(EventKind::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(EventKind::$name => $text,)* }
            }

            pub fn parse(text: &str) -> Option<EventKind> {
                match text { $($text => Some(EventKind::$name),)* _ => None }
            }
        }
    };
}

event_kinds! {
    CodeIssued = "code_issued",
    CodeRedeemed = "code_redeemed",
    RefreshTokenRotated = "refresh_token_rotated",
    GrantEnded = "grant_ended",
    AccessTokenDenied = "access_token_denied",
    CodesDeleted = "codes_deleted",
    SessionStarted = "session_started",
    SessionRenewed = "session_renewed",
    SessionEnded = "session_ended",
    ClientSessionEnded = "client_session_ended",
    ConsentRecorded = "consent_recorded",
    ConsentWithdrawn = "consent_withdrawn",
    UserCreated = "user_created",
    UserUpdated = "user_updated",
    UserEnded = "user_ended",
    UserDisabled = "user_disabled",
    UserEnabled = "user_enabled",
    UserDeleted = "user_deleted",
    PasswordChanged = "password_changed",
    AdministratorCreated = "administrator_created",
    AdministratorGranted = "administrator_granted",
    AdministratorWithdrawn = "administrator_withdrawn",
    SetupLinkCreated = "setup_link_created",
    ClientCreated = "client_created",
    ClientUpdated = "client_updated",
    ClientEnded = "client_ended",
    ClientDisabled = "client_disabled",
    ClientEnabled = "client_enabled",
    ClientDeleted = "client_deleted",
    SigningKeyAdded = "signing_key_added",
    SigningKeyDeleted = "signing_key_deleted",
}
