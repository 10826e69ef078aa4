//! The grant store's own row for each user, and the table that keeps every name taken for ever.

use async_trait::async_trait;
use countersign_store::subjects::{Status, Subject, Subjects};
use countersign_store::{Epoch, StoreError};

use super::Postgres;
use crate::rows::Cells;

#[async_trait]
impl Subjects for Postgres {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        let created = self
            .run(
                "WITH taken AS (
                     INSERT INTO principals (name, kind) VALUES ($1, 'subject')
                     ON CONFLICT (name) DO NOTHING RETURNING name
                 )
                 INSERT INTO subjects (sub, epoch, status) SELECT name, $2, 'active' FROM taken",
                &[&sub, &&epoch.as_bytes()[..]],
            )
            .await?;
        Ok(created > 0)
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        self.one(
            "subject",
            "SELECT sub, epoch, status FROM subjects WHERE sub = $1",
            &[&sub],
            |cells| {
                Ok(Subject {
                    sub: cells.text()?.to_owned(),
                    epoch: Epoch::from_bytes(cells.bytes()?),
                    status: cells.status()?,
                })
            },
        )
        .await
    }

    async fn end_subject(
        &self,
        sub: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError> {
        let ended = self
            .run(
                "WITH ended AS (
                     UPDATE subjects SET epoch = $2, status = $3 WHERE sub = $1 RETURNING sub
                 )
                 INSERT INTO events (kind, at, sub) SELECT 'user_ended', $4, sub FROM ended",
                &[&sub, &&epoch.as_bytes()[..], &status.as_str(), &now],
            )
            .await?;
        Ok(ended > 0)
    }
}
