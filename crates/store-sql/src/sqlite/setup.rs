//! The setup link: one row at most, gone with the act that makes the first administrator.

use async_trait::async_trait;
use countersign_store::events::{Event, EventKind};
use countersign_store::setup::{Setup, SetupLinkState, SetupOutcome};
use countersign_store::users::{CreateUserOutcome, NewUser};
use countersign_store::{SecretHash, StoreError};
use rusqlite::{Connection, params};

use super::statements::{exists, one, run};
use super::{Sqlite, events, users};
use crate::rows::Cells;

#[async_trait]
impl Setup for Sqlite {
    async fn put_setup_link(
        &self,
        link: &SecretHash,
        expires_at: i64,
        now: i64,
    ) -> Result<bool, StoreError> {
        let link = *link;
        self.act(move |connection| {
            if has_administrator(connection)? {
                return Ok(false);
            }
            run(
                connection,
                "INSERT INTO setup_link (singleton, hash, expires_at) VALUES (1, ?1, ?2)
                 ON CONFLICT (singleton)
                 DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at",
                params![link.as_bytes(), expires_at],
            )?;
            events::append(connection, Event::new(EventKind::SetupLinkCreated, now))?;
            Ok(true)
        })
        .await
    }

    async fn setup_link(&self, link: &SecretHash, now: i64) -> Result<SetupLinkState, StoreError> {
        self.read(|connection| state(connection, link, now))
    }

    async fn create_administrator(
        &self,
        link: &SecretHash,
        user: &NewUser,
        now: i64,
    ) -> Result<SetupOutcome, StoreError> {
        let link = *link;
        let mut user = user.clone();
        user.user.administrator = true;
        self.act(move |connection| {
            let state = state(connection, &link, now)?;
            if state != SetupLinkState::Valid {
                return Ok(SetupOutcome::Refused(state));
            }
            match users::create(connection, &user, now)? {
                CreateUserOutcome::UsernameTaken => return Ok(SetupOutcome::UsernameTaken),
                CreateUserOutcome::EmailTaken => return Ok(SetupOutcome::EmailTaken),
                CreateUserOutcome::SubjectTaken => return Ok(SetupOutcome::SubjectTaken),
                CreateUserOutcome::Created => {}
            }
            let event = Event::new(EventKind::AdministratorCreated, now);
            events::append(connection, event.sub(&user.user.sub))?;
            Ok(SetupOutcome::Created)
        })
        .await
    }
}

/// Once there is an administrator no link may be valid again.
pub(super) fn void_link(connection: &Connection) -> Result<(), StoreError> {
    run(connection, "DELETE FROM setup_link", []).map(drop)
}

fn state(
    connection: &Connection,
    link: &SecretHash,
    now: i64,
) -> Result<SetupLinkState, StoreError> {
    if has_administrator(connection)? {
        return Ok(SetupLinkState::AdministratorExists);
    }
    let kept = one(
        connection,
        "setup link",
        "SELECT singleton, hash, expires_at FROM setup_link",
        [],
        |cells| {
            let _singleton = cells.integer()?;
            Ok((SecretHash::from_bytes(cells.bytes()?), cells.integer()?))
        },
    )?;
    Ok(match kept {
        Some((hash, _)) if !hash.matches(link) => SetupLinkState::Unknown,
        Some((_, expires_at)) if now >= expires_at => SetupLinkState::Expired,
        Some(_) => SetupLinkState::Valid,
        None => SetupLinkState::Unknown,
    })
}

fn has_administrator(connection: &Connection) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT 1 FROM users WHERE administrator = 1 LIMIT 1",
        [],
    )
}
