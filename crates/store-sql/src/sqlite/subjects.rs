//! The grant store's own row for each user, and the table that reserves every name permanently.

use async_trait::async_trait;
use countersign_store::events::{Event, EventKind};
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, Status, decide_standing,
};
use countersign_store::subjects::{FORMAT, Subject, Subjects};
use countersign_store::{Epoch, StoreError};
use rusqlite::{Connection, params};

use super::statements::{one, run};
use super::{Sqlite, events};
use crate::rows::subject;

#[async_trait]
impl Subjects for Sqlite {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        let sub = sub.to_owned();
        self.act(move |connection| create(connection, &sub, epoch, Status::Active))
            .await
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        self.read(|connection| subject(connection, sub))
    }

    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        let (sub, change) = (sub.to_owned(), *change);
        self.act(move |connection| {
            let current = subject(connection, &sub)?.map(|subject| subject.standing());
            let standing = match decide_standing(current, &change) {
                StandingDecision::Keep(outcome) => return Ok(outcome),
                StandingDecision::Write(standing) => standing,
            };
            run(
                connection,
                "UPDATE subjects SET epoch = ?2, status = ?3, format = ?4 WHERE sub = ?1",
                params![
                    sub,
                    standing.epoch.as_bytes(),
                    standing.status.as_str(),
                    FORMAT
                ],
            )?;
            events::append(connection, Event::new(change.of_user(), now).sub(&sub))?;
            Ok(StandingOutcome::Changed)
        })
        .await
    }

    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let sub = sub.to_owned();
        self.act(move |connection| {
            // The name stays among the principals permanently.
            let sql = "DELETE FROM subjects WHERE sub = ?1";
            if run(connection, sql, params![sub])? == 0 {
                return Ok(false);
            }
            run(
                connection,
                "DELETE FROM consents WHERE sub = ?1",
                params![sub],
            )?;
            events::append(connection, Event::new(EventKind::UserEnded, now).sub(&sub))?;
            Ok(true)
        })
        .await
    }
}

pub(super) fn subject(connection: &Connection, sub: &str) -> Result<Option<Subject>, StoreError> {
    let columns = subject::COLUMNS;
    one(
        connection,
        "subject",
        &format!("SELECT {columns} FROM subjects WHERE sub = ?1"),
        params![sub],
        |cells| subject::read(cells),
    )
}

/// `false` if the name is or was already taken.
pub(super) fn create(
    connection: &Connection,
    sub: &str,
    epoch: Epoch,
    status: Status,
) -> Result<bool, StoreError> {
    if !take_name(connection, sub, "subject")? {
        return Ok(false);
    }
    run(
        connection,
        "INSERT INTO subjects (sub, epoch, status, format) VALUES (?1, ?2, ?3, ?4)",
        params![sub, epoch.as_bytes(), status.as_str(), FORMAT],
    )?;
    Ok(true)
}

/// Reserves a name among subjects and clients permanently; `false` if it is taken.
pub(super) fn take_name(
    connection: &Connection,
    name: &str,
    kind: &str,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO principals (name, kind) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
    Ok(run(connection, sql, params![name, kind])? == 1)
}
