//! Consents: what a user allowed a client, or their operator did.

use async_trait::async_trait;
use countersign_store::acts::{Decision, Write};
use countersign_store::consents::{
    Consent, ConsentStep, Consents, FORMAT, decide_consent, decide_withdrawal,
};
use countersign_store::grants::NewGrant;
use countersign_store::{Epoch, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, one, run};
use super::{Sqlite, events, next_act};
use crate::rows::consent;

#[async_trait]
impl Consents for Sqlite {
    async fn consent(&self, sub: &str, client_id: &str) -> Result<Option<Consent>, StoreError> {
        let found = self.read(|connection| find(connection, sub, client_id))?;
        Ok(found.filter(|consent| !consent.is_withdrawn()))
    }

    async fn consents_of(&self, sub: &str) -> Result<Vec<Consent>, StoreError> {
        let columns = consent::COLUMNS;
        let mut found = self.read(|connection| {
            all(
                connection,
                "consent",
                &format!("SELECT {columns} FROM consents WHERE sub = ?1 ORDER BY client_id"),
                params![sub],
                |cells| consent::read(cells),
            )
        })?;
        found.retain(|consent| !consent.is_withdrawn());
        Ok(found)
    }

    async fn withdraw_consent(
        &self,
        sub: &str,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (sub, client_id) = (sub.to_owned(), client_id.to_owned());
        self.act(move |connection| {
            let found = find(connection, &sub, &client_id)?;
            write(connection, decide_withdrawal(found, next_act(), now))
        })
        .await
    }
}

/// What writing a grant does to the consent that it depends on.
pub(super) fn take_step(
    connection: &Connection,
    grant: &NewGrant,
    step: &ConsentStep,
    now: i64,
) -> Result<Epoch, StoreError> {
    if *step == ConsentStep::Rest {
        return Ok(grant.parents.consent);
    }
    let (sub, client_id) = (grant.sub.as_str(), grant.client_id.as_str());
    let found = find(connection, sub, client_id)?;
    let decision = decide_consent(found, sub, client_id, step, now);
    let taken = write(connection, decision)?;
    Ok(taken.unwrap_or(grant.parents.consent))
}

fn find(
    connection: &Connection,
    sub: &str,
    client_id: &str,
) -> Result<Option<Consent>, StoreError> {
    let columns = consent::COLUMNS;
    one(
        connection,
        "consent",
        &format!("SELECT {columns} FROM consents WHERE sub = ?1 AND client_id = ?2"),
        params![sub, client_id],
        |cells| consent::read(cells),
    )
}

fn write<O>(connection: &Connection, decision: Decision<Consent, O>) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(None);
    if let Write::Record(change) = write {
        let consent = &change.record;
        run(
            connection,
            "INSERT INTO consents (sub, client_id, epoch, basis, scope, given_to, updated_at,
                                   format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (sub, client_id) DO UPDATE
             SET format = excluded.format, epoch = excluded.epoch, basis = excluded.basis,
                 scope = excluded.scope, given_to = excluded.given_to,
                 updated_at = excluded.updated_at",
            params![
                consent.sub,
                consent.client_id,
                consent.epoch.as_bytes(),
                consent.basis.as_str(),
                consent.scope,
                consent.given_to,
                consent.updated_at,
                FORMAT,
            ],
        )?;
        events::tell(connection, change.event)?;
    }
    Ok(outcome)
}
