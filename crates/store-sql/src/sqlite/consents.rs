//! Consents: what a user allowed a client.

use async_trait::async_trait;
use countersign_store::consents::{Consent, ConsentStep, Consents, union};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::IssueCode;
use countersign_store::{Epoch, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, one, run};
use super::{Sqlite, events};
use crate::rows::consent;

#[async_trait]
impl Consents for Sqlite {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        self.read(|connection| consent(connection, sub, client_id))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "consent",
                "SELECT sub, client_id, epoch, scope, updated_at FROM consents
                 WHERE sub = ?1 ORDER BY client_id",
                params![sub],
                |cells| consent::read(cells),
            )
        })
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (sub, client_id) = (sub.to_owned(), client_id.to_owned());
        self.act(move |connection| {
            let sql = "DELETE FROM consents WHERE sub = ?1 AND client_id = ?2";
            if run(connection, sql, params![sub, client_id])? == 0 {
                return Ok(false);
            }
            let event = Event::new(EventKind::ConsentWithdrawn, now);
            events::append(connection, event.sub(&sub).client(&client_id))?;
            Ok(true)
        })
        .await
    }
}

/// What issuing a code does to the consent that its grant rests on.
pub(super) fn take_step(
    connection: &Connection,
    act: &IssueCode,
    now: i64,
) -> Result<Epoch, StoreError> {
    let grant = &act.grant;
    let ConsentStep::Record {
        scope,
        proposed_epoch,
    } = &act.consent
    else {
        return Ok(grant.parents.consent);
    };
    let remembered = consent(connection, &grant.sub, &grant.client_id)?;
    let (epoch, scope) = match remembered {
        Some(remembered) => (remembered.epoch, union(&remembered.scope, scope)),
        None => (*proposed_epoch, union("", scope)),
    };
    run(
        connection,
        "INSERT INTO consents (sub, client_id, epoch, scope, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (sub, client_id)
         DO UPDATE SET scope = excluded.scope, updated_at = excluded.updated_at",
        params![grant.sub, grant.client_id, epoch.as_bytes(), scope, now],
    )?;
    let event = Event::new(EventKind::ConsentRecorded, now);
    events::append(connection, event.sub(&grant.sub).client(&grant.client_id))?;
    Ok(epoch)
}

fn consent(
    connection: &Connection,
    sub: &str,
    client_id: &str,
) -> Result<Option<Consent>, StoreError> {
    one(
        connection,
        "consent",
        "SELECT sub, client_id, epoch, scope, updated_at FROM consents
         WHERE sub = ?1 AND client_id = ?2",
        params![sub, client_id],
        |cells| consent::read(cells),
    )
}
