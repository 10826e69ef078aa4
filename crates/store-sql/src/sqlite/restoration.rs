//! What follows a restored backup: every epoch is replaced, in one transaction.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::events::{Event, EventKind};
use countersign_store::restoration::{NewEpochs, Restoration};
use rusqlite::{Connection, params};

use super::statements::{all, run};
use super::{Sqlite, events};
use crate::rows::Cells;

/// Every table that has an epoch: what it holds, and the one or two columns that name a row.
const TABLES: [(&str, &str, &str, Option<&str>); 5] = [
    ("user", "subjects", "sub", None),
    ("client", "clients", "client_id", None),
    ("consent", "consents", "sub", Some("client_id")),
    ("browser session", "browser_sessions", "id", None),
    ("client session", "client_sessions", "sid", None),
];

#[async_trait]
impl Restoration for Sqlite {
    async fn end_everything_restored(&self, new: &NewEpochs, now: i64) -> Result<u64, StoreError> {
        let new = new.clone();
        self.act(move |connection| {
            let mut replaced = 0;
            for (kind, table, name, further) in TABLES {
                replaced += replace(connection, &new, kind, table, name, further)?;
            }
            run(connection, "DELETE FROM setup_link", [])?;
            events::append(connection, Event::new(EventKind::BackupRestored, now))?;
            Ok(replaced)
        })
        .await
    }
}

fn replace(
    connection: &Connection,
    new: &NewEpochs,
    kind: &'static str,
    table: &str,
    name: &str,
    further: Option<&str>,
) -> Result<u64, StoreError> {
    // As blobs, whatever the column's type: they are bytes to compare, and to derive from.
    let second = further.unwrap_or("NULL");
    let names = all(
        connection,
        kind,
        &format!("SELECT CAST({name} AS BLOB), CAST({second} AS BLOB) FROM {table}"),
        [],
        |cells| {
            let first = cells.blob()?.to_vec();
            Ok((first, cells.optional_blob()?.map(<[u8]>::to_vec)))
        },
    )?;
    let sql = format!(
        "UPDATE {table} SET epoch = ?1
         WHERE CAST({name} AS BLOB) = ?2 AND CAST({second} AS BLOB) IS ?3"
    );
    for (first, second) in &names {
        let parts: Vec<&[u8]> = [Some(first), second.as_ref()]
            .into_iter()
            .flatten()
            .map(Vec::as_slice)
            .collect();
        let epoch = new.of(kind, &parts);
        run(connection, &sql, params![epoch.as_bytes(), first, second])?;
    }
    Ok(names.len() as u64)
}
