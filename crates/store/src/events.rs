//! What changed, written in the act that changed it: the one source of audit, webhooks and push.
//!
//! Rows are claimed and marked, never read by a watermark: ids commit out of order.

use async_trait::async_trait;

use crate::StoreError;

#[async_trait]
pub trait Events: Send + Sync {
    /// Claims up to `limit` undelivered events until `claimed_until`; events of an expired claim
    /// may be claimed again by anyone.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn claim_events(
        &self,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Marks events as delivered.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn finish_events(&self, ids: &[i64], now: i64) -> Result<(), StoreError>;
}

/// How much of the outbox is kept until it is claimed. Without a limit it would grow until the disk
/// is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxLimits {
    pub max_events: u64,
    pub max_age_seconds: i64,
}

/// What of the outbox is not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undelivered {
    pub events: u64,
    /// Of those, the ones that happened at [`OutboxLimits::oldest_kept`] or before.
    pub too_old: u64,
    /// When the oldest of them happened.
    pub oldest_at: Option<i64>,
}

/// Events are dropped many at once and not one by one, so that the log says it seldom. By number,
/// this part of the limit is dropped with what is beyond it; by age, nothing is dropped before the
/// oldest event is older by this part of the limit.
const MARGIN: i64 = 16;

impl OutboxLimits {
    /// Events that happened then or before are too old.
    pub fn oldest_kept(&self, now: i64) -> i64 {
        now.saturating_sub(self.max_age_seconds)
    }

    /// How many events are to be dropped, the oldest first. If there are any, says so in the log.
    pub fn excess(&self, undelivered: Undelivered, now: i64) -> u64 {
        let Undelivered {
            events,
            too_old,
            oldest_at,
        } = undelivered;
        let kept = self.max_events - self.max_events / MARGIN.unsigned_abs();
        let too_many = match events > self.max_events {
            true => events - kept,
            false => 0,
        };
        let margin = self.max_age_seconds / MARGIN;
        let overdue = self.oldest_kept(now).saturating_sub(margin);
        let too_old = match oldest_at.is_some_and(|at| at <= overdue) {
            true => too_old,
            false => 0,
        };
        let excess = too_many.max(too_old);
        if excess > 0 {
            tracing::warn!(
                dropped = excess,
                undelivered = events,
                too_many,
                too_old,
                max_events = self.max_events,
                max_age_seconds = self.max_age_seconds,
                "the outbox is beyond its limits: the oldest events are dropped undelivered"
            );
        }
        excess
    }
}

/// An event as an act writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub at: i64,
    pub sub: Option<String>,
    pub client_id: Option<String>,
    /// The grant, session, resource or key that it is about: an identifier, never a secret.
    pub about: Option<String>,
    /// A cause in the store's words ([`crate::ended::EndCause::as_str`]).
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
        reason = "the claim's name; no one subtracts from an event"
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
    DeviceRequested = "device_requested",
    DeviceRequestApproved = "device_request_approved",
    DeviceRequestDenied = "device_request_denied",
    AccessTokenDenied = "access_token_denied",
    CodesDeleted = "codes_deleted",
    PersonalTokenCreated = "personal_token_created",
    PersonalTokenUpdated = "personal_token_updated",
    SessionStarted = "session_started",
    SessionRenewed = "session_renewed",
    SessionEnded = "session_ended",
    ClientSessionEnded = "client_session_ended",
    ConsentRecorded = "consent_recorded",
    ConsentSkipped = "consent_skipped",
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
    InitialAccessTokenCreated = "initial_access_token_created",
    InitialAccessTokenDeleted = "initial_access_token_deleted",
    ClientCreated = "client_created",
    ClientUpdated = "client_updated",
    ClientEnded = "client_ended",
    ClientDisabled = "client_disabled",
    ClientEnabled = "client_enabled",
    ClientDeleted = "client_deleted",
    ResourceCreated = "resource_created",
    ResourceUpdated = "resource_updated",
    ResourceDeleted = "resource_deleted",
    SigningKeyAdded = "signing_key_added",
    SigningKeyRotated = "signing_key_rotated",
    SigningKeyRevoked = "signing_key_revoked",
    SigningKeyDeleted = "signing_key_deleted",
    BackupRestored = "backup_restored",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outbox_is_bounded_by_number_and_by_age() {
        let limits = OutboxLimits {
            max_events: 160,
            max_age_seconds: 1_600,
        };
        let now = 10_000;
        for (events, too_old, oldest_at, excess) in [
            (0, 0, None, 0),
            (160, 0, Some(9_999), 0),
            (161, 0, Some(9_999), 11), // down to 150
            (1_000, 0, Some(9_999), 850),
            (100, 30, Some(8_400), 0), // too old, but not yet by much
            (100, 30, Some(8_300), 30),
            (161, 30, Some(8_300), 30),
            (1_000, 30, Some(8_300), 850),
        ] {
            let undelivered = Undelivered {
                events,
                too_old,
                oldest_at,
            };
            assert_eq!(limits.excess(undelivered, now), excess, "{undelivered:?}");
        }
    }
}
