//! Records, their lifecycles, and the acts that change them.
//!
//! A storage trait has one method per *act*, and an act returns an outcome enum: what
//! happened, never "it did not work". A backend writes each act for its engine, so that it is one
//! atomic step there; what is decided inside an act is written once, as a pure function beside its
//! record, and the suite ([`suite`], feature `suite`) holds every backend to it.
//!
//! What depends on what: user → browser session → client session → online grant, and user → consent
//! → offline grant; a client is above all of its grants. Each of these parents carries a random
//! [`Epoch`]. A record below remembers the epochs that its parents had when the credential was
//! verified, and an ending replaces the epoch: nothing below needs to be touched to end.
//!
//! Time is always the caller's `now`, in Unix seconds. Nothing in this crate reads a clock.

pub mod access_tokens;
pub mod acts;
pub mod clients;
pub mod consents;
pub mod device_requests;
pub mod ended;
mod error;
pub mod events;
pub mod grants;
mod ids;
pub mod instance;
pub mod keys;
pub mod listing;
pub mod logout;
pub mod memory;
pub mod names;
pub mod personal_tokens;
pub mod principals;
pub mod refresh_tokens;
pub mod registration;
pub mod replay;
pub mod resources;
pub mod restoration;
pub mod secret_family;
pub mod sessions;
pub mod setup;
pub mod standing;
pub mod subjects;
#[cfg(feature = "suite")]
pub mod suite;
pub mod throttle;
pub mod token;
pub mod users;

use async_trait::async_trait;

pub use error::StoreError;
pub use ids::{ActId, ClientSessionId, Epoch, GrantId, SessionId};
pub use token::{SecretHash, Token, TokenKind};

/// The acts on which a grant's life rests: everything that decides whether a token is accepted.
///
/// A backend that has these can carry the grants of a deployment; the rest of [`Store`] is
/// bookkeeping around them.
pub trait GrantStore:
    grants::Grants
    + sessions::Sessions
    + subjects::Subjects
    + consents::Consents
    + clients::ClientEpochs
{
}

impl<T> GrantStore for T where
    T: grants::Grants
        + sessions::Sessions
        + subjects::Subjects
        + consents::Consents
        + clients::ClientEpochs
{
}

/// Everything a provider keeps.
pub trait Store:
    GrantStore
    + clients::Clients
    + registration::Registrations
    + users::Users
    + device_requests::DeviceRequests
    + personal_tokens::PersonalTokens
    + keys::Keys
    + resources::Resources
    + setup::Setup
    + throttle::Throttle
    + replay::Replays
    + events::Events
    + logout::LogoutCalls
    + instance::Instances
    + restoration::Restoration
    + listing::Listing
    + Housekeeping
{
}

impl<T> Store for T where
    T: GrantStore
        + clients::Clients
        + registration::Registrations
        + users::Users
        + device_requests::DeviceRequests
        + personal_tokens::PersonalTokens
        + keys::Keys
        + resources::Resources
        + setup::Setup
        + throttle::Throttle
        + replay::Replays
        + events::Events
        + logout::LogoutCalls
        + instance::Instances
        + restoration::Restoration
        + listing::Listing
        + Housekeeping
{
}

/// How long a record is kept past its last acceptable instant before it may be deleted: a replica
/// whose clock is behind must never see a used code or an ended grant as unknown.
pub const COLLECT_AFTER_SECONDS: i64 = 3600;

/// Upkeep that no request waits for.
#[async_trait]
pub trait Housekeeping: Send + Sync {
    /// Deletes up to `batch` records of each kind whose last acceptable instant is more than
    /// [`COLLECT_AFTER_SECONDS`] before `now`, and events that were delivered. Drops undelivered
    /// events if the outbox exceeds its `limits`, after saying so in the log. Returns how many
    /// records were deleted; fewer than `batch` means that nothing is left.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn collect(
        &self,
        limits: &events::OutboxLimits,
        batch: u32,
        now: i64,
    ) -> Result<u64, StoreError>;

    /// Returns when the store can take a write.
    ///
    /// # Errors
    /// Returns the [`StoreError`] that prevents it.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Finishes what was started, then closes the store, so that nothing needs recovery. From then
    /// on, every act fails; closing it again does nothing.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store could not be closed properly. Nothing that was
    /// acknowledged is lost.
    async fn close(&self) -> Result<(), StoreError>;

    /// The store's own clock in Unix milliseconds, if it has one that can differ from ours.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn clock_milliseconds(&self) -> Result<Option<i64>, StoreError>;
}
