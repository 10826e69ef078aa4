//! Signing keys at rest, sealed by the caller.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::events::{Event, EventKind};
use countersign_store::keys::{Keys, SigningKeyRecord};
use rusqlite::{Connection, params};

use super::statements::{all, exists, run};
use super::{Sqlite, events};
use crate::rows::Cells;

#[async_trait]
impl Keys for Sqlite {
    async fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "signing key",
                "SELECT kid, alg, sealed, created_at, retired_at FROM signing_keys
                 ORDER BY created_at, rowid",
                [],
                |cells| {
                    Ok(SigningKeyRecord {
                        kid: cells.text()?.to_owned(),
                        alg: cells.text()?.to_owned(),
                        sealed: cells.blob()?.to_vec(),
                        created_at: cells.integer()?,
                        retired_at: cells.optional_integer()?,
                    })
                },
            )
        })
    }

    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        retires: bool,
        now: i64,
    ) -> Result<bool, StoreError> {
        let key = key.clone();
        self.act(move |connection| {
            if !insert(connection, &key, now)? {
                return Ok(false);
            }
            if retires {
                run(
                    connection,
                    "UPDATE signing_keys SET retired_at = ?3
                     WHERE alg = ?1 AND kid <> ?2 AND retired_at IS NULL",
                    params![key.alg, key.kid, now],
                )?;
            }
            Ok(true)
        })
        .await
    }

    async fn add_first_signing_key(
        &self,
        key: &SigningKeyRecord,
        now: i64,
    ) -> Result<bool, StoreError> {
        let key = key.clone();
        self.act(move |connection| {
            let signing = "SELECT 1 FROM signing_keys WHERE alg = ?1 AND retired_at IS NULL";
            if exists(connection, signing, params![key.alg])? {
                return Ok(false);
            }
            insert(connection, &key, now)
        })
        .await
    }

    async fn delete_signing_key(&self, kid: &str, now: i64) -> Result<bool, StoreError> {
        let kid = kid.to_owned();
        self.act(move |connection| {
            let sql = "DELETE FROM signing_keys WHERE kid = ?1 AND retired_at IS NOT NULL";
            if run(connection, sql, params![kid])? == 0 {
                return Ok(false);
            }
            events::append(
                connection,
                Event::new(EventKind::SigningKeyDeleted, now).about(&kid),
            )?;
            Ok(true)
        })
        .await
    }
}

/// `false` where the kid is taken.
fn insert(connection: &Connection, key: &SigningKeyRecord, now: i64) -> Result<bool, StoreError> {
    let written = run(
        connection,
        "INSERT INTO signing_keys (kid, alg, sealed, created_at, retired_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kid) DO NOTHING",
        params![key.kid, key.alg, key.sealed, key.created_at, key.retired_at],
    )?;
    if written == 0 {
        return Ok(false);
    }
    events::append(
        connection,
        Event::new(EventKind::SigningKeyAdded, now).about(&key.kid),
    )?;
    Ok(true)
}
