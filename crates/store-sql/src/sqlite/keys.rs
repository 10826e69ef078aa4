//! Signing keys at rest, sealed by the caller. They are few: an act reads them all.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::keys::{
    ChangeKeys, ChangeKeysOutcome, KeyState, Keys, SigningKeyRecord, decide_keys,
};
use rusqlite::{Connection, params};

use super::statements::{SqliteCells, all, run};
use super::{Sqlite, events};
use crate::rows::Cells;

#[async_trait]
impl Keys for Sqlite {
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        self.read(read_all)
    }

    async fn change_signing_keys(
        &self,
        act: &ChangeKeys,
        now: i64,
    ) -> Result<ChangeKeysOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let decision = decide_keys(&read_all(connection)?, &act, now);
            for key in &decision.put {
                put(connection, key)?;
            }
            if let Some(kid) = decision.delete {
                run(
                    connection,
                    "DELETE FROM signing_keys WHERE kid = ?1",
                    params![kid],
                )?;
            }
            for event in decision.events {
                events::append(connection, event)?;
            }
            Ok(decision.outcome)
        })
        .await
    }
}

fn read_all(connection: &Connection) -> Result<Vec<SigningKeyRecord>, StoreError> {
    all(
        connection,
        "signing key",
        "SELECT kid, thumbprint, alg, sealed, created_at, state, signs_from, signs_until, revoked_at
         FROM signing_keys ORDER BY created_at, rowid",
        [],
        read,
    )
}

fn read(cells: &mut SqliteCells<'_>) -> Result<SigningKeyRecord, StoreError> {
    Ok(SigningKeyRecord {
        kid: cells.at("kid").text()?.to_owned(),
        thumbprint: cells.at("thumbprint").text()?.to_owned(),
        alg: cells.at("alg").text()?.to_owned(),
        sealed: cells.at("sealed").blob()?.to_vec(),
        created_at: cells.at("created_at").integer()?,
        state: match (
            cells.at("state").text()?,
            cells.at("signs_from").optional_integer()?,
            cells.at("signs_until").optional_integer()?,
            cells.at("revoked_at").optional_integer()?,
        ) {
            ("standby", None, None, None) => KeyState::Standby,
            ("signing", Some(from), None, None) => KeyState::Signing { from },
            ("retired", Some(from), Some(until), None) => KeyState::Retired { from, until },
            ("revoked", None, None, Some(at)) => KeyState::Revoked { at },
            _ => return Err(cells.corrupt("it is in no state")),
        },
    })
}

fn put(connection: &Connection, key: &SigningKeyRecord) -> Result<(), StoreError> {
    let (from, until, revoked_at) = match key.state {
        KeyState::Standby => (None, None, None),
        KeyState::Signing { from } => (Some(from), None, None),
        KeyState::Retired { from, until } => (Some(from), Some(until), None),
        KeyState::Revoked { at } => (None, None, Some(at)),
    };
    run(
        connection,
        "INSERT INTO signing_keys (kid, alg, sealed, created_at, state, signs_from, signs_until,
                                   revoked_at, thumbprint)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (kid) DO UPDATE SET
             sealed = excluded.sealed, state = excluded.state, signs_from = excluded.signs_from,
             signs_until = excluded.signs_until, revoked_at = excluded.revoked_at",
        params![
            key.kid,
            key.alg,
            key.sealed,
            key.created_at,
            key.state.as_str(),
            from,
            until,
            revoked_at,
            key.thumbprint,
        ],
    )
    .map(drop)
}
