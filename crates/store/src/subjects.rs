//! The grant store's own row for each user: `sub`, epoch, status. Nothing else of a user is here,
//! and nothing but these acts writes it: credentials and claims may live elsewhere.
//!
//! A `sub` and a `client_id` are never equal (RFC 9068, section 5): one table of principals holds
//! both.

use async_trait::async_trait;

use crate::standing::{Standing, StandingChange, StandingOutcome};
use crate::{Epoch, StoreError};

pub use crate::standing::Status;

/// The format in which this program writes subjects. It reads this one and older ones; a newer one
/// is
/// [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

#[async_trait]
pub trait Subjects: Send + Sync {
    /// Writes a subject that is active. `false` if the name is taken, by a subject or a client.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn create_subject(&self, sub: &str, epoch: Epoch, now: i64) -> Result<bool, StoreError>;

    /// Reads a subject.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError>;

    /// Ends everything of a user, disables or enables them, as
    /// [`decide_standing`](crate::standing::decide_standing) says.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError>;

    /// Deletes the subject and its consents: a missing parent has ended. The name stays taken
    /// permanently. `false` if unknown.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub sub: String,
    pub epoch: Epoch,
    pub status: Status,
}

impl Subject {
    pub fn standing(&self) -> Standing {
        Standing {
            epoch: self.epoch,
            status: self.status,
        }
    }
}
