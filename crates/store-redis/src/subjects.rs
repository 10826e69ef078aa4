//! Subjects: epoch and status, under a name that no client has.

use async_trait::async_trait;
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::principals::{Create, DeleteSubject, Kind, Principal};
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::subjects::{Subject, Subjects};
use countersign_store::{Epoch, StoreError};

use crate::Redis;

#[async_trait]
impl Subjects for Redis {
    async fn create_subject(&self, sub: &str, epoch: Epoch, now: i64) -> Result<bool, StoreError> {
        carry_out(self, &Create::subject(sub, epoch), Hint::Unread, now).await
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        match self.principal(sub).await? {
            Some(Principal::Subject(subject)) => Ok(Some(subject)),
            _ => Ok(None),
        }
    }

    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        self.change_standing(sub, Kind::Subject, *change, now).await
    }

    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        carry_out(self, &DeleteSubject(sub), Hint::Unread, now).await
    }
}
