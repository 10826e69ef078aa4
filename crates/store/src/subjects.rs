//! The grant store's own row for each user: `sub`, epoch, status. Nothing else of a user is here.
//!
//! A `sub` and a `client_id` are never equal (RFC 9068 5): one table of principals holds both.

use async_trait::async_trait;

use crate::{Epoch, StoreError};

#[async_trait]
pub trait Subjects: Send + Sync {
    /// `false` where the name is taken, by a subject or by a client.
    async fn create_subject(&self, sub: &str, epoch: Epoch, now: i64) -> Result<bool, StoreError>;

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError>;

    /// Ends everything of a user by a new epoch, and sets the status. `false` where unknown.
    async fn end_subject(
        &self,
        sub: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub sub: String,
    pub epoch: Epoch,
    pub status: Status,
}

/// Whether a user or a client may do anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Active,
    Disabled,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Disabled => "disabled",
        }
    }

    pub fn parse(text: &str) -> Option<Status> {
        match text {
            "active" => Some(Status::Active),
            "disabled" => Some(Status::Disabled),
            _ => None,
        }
    }
}
