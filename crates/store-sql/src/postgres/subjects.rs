//! The grant store's own row for each user, and the table that keeps every name taken for ever.

use async_trait::async_trait;
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, decide_standing,
};
use countersign_store::subjects::{FORMAT, Subject, Subjects};
use countersign_store::{Epoch, StoreError};

use super::Postgres;
use crate::rows::subject;

#[async_trait]
impl Subjects for Postgres {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        let created = self
            .run(
                "WITH taken AS (
                     INSERT INTO principals (name, kind) VALUES ($1, 'subject')
                     ON CONFLICT (name) DO NOTHING RETURNING name
                 )
                 INSERT INTO subjects (sub, epoch, status, format)
                 SELECT name, $2, 'active', $3 FROM taken",
                &[&sub, &&epoch.as_bytes()[..], &FORMAT],
            )
            .await?;
        Ok(created > 0)
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        let columns = subject::COLUMNS;
        self.one(
            "subject",
            &format!("SELECT {columns} FROM subjects WHERE sub = $1"),
            &[&sub],
            |cells| subject::read(cells),
        )
        .await
    }

    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        loop {
            let current = self.subject(sub).await?.map(|subject| subject.standing());
            let (current, standing) = match (current, decide_standing(current, change)) {
                (Some(current), StandingDecision::Write(standing)) => (current, standing),
                (_, StandingDecision::Keep(outcome)) => return Ok(outcome),
                (None, StandingDecision::Write(_)) => return Ok(StandingOutcome::Unknown),
            };
            let changed = self
                .run(
                    "WITH changed AS (
                         UPDATE subjects SET epoch = $2, status = $3
                         WHERE sub = $1 AND epoch = $4 AND status = $5 RETURNING sub
                     )
                     INSERT INTO events (kind, at, sub) SELECT $6, $7, sub FROM changed",
                    &[
                        &sub,
                        &&standing.epoch.as_bytes()[..],
                        &standing.status.as_str(),
                        &&current.epoch.as_bytes()[..],
                        &current.status.as_str(),
                        &change.of_user().as_str(),
                        &now,
                    ],
                )
                .await?;
            if changed > 0 {
                return Ok(StandingOutcome::Changed);
            }
        }
    }

    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let deleted = self
            .run(
                "WITH deleted AS (
                     DELETE FROM subjects WHERE sub = $1 RETURNING sub
                 ), withdrawn AS (
                     DELETE FROM consents AS c USING deleted AS d WHERE c.sub = d.sub
                 )
                 INSERT INTO events (kind, at, sub) SELECT 'user_ended', $2, sub FROM deleted",
                &[&sub, &now],
            )
            .await?;
        Ok(deleted > 0)
    }
}
