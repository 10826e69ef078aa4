//! The outbox: written by the act that changed something, claimed and marked by who delivers.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::events::{Event, EventKind, Events, StoredEvent};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{SqliteCells, all, exists, run};
use crate::rows::Cells;

/// Writes an event in the savepoint of the act that it tells of.
pub(super) fn append(connection: &Connection, event: Event) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO events (kind, at, sub, client_id, about, cause)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            event.kind.as_str(),
            event.at,
            event.sub,
            event.client_id,
            event.about,
            event.cause,
        ],
    )
    .map(drop)
}

/// Writes what a decision tells, if it tells anything.
pub(super) fn tell(connection: &Connection, event: Option<Event>) -> Result<(), StoreError> {
    event.map_or(Ok(()), |event| append(connection, event))
}

#[async_trait]
impl Events for Sqlite {
    async fn claim_events(
        &self,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        // Claimants poll, and nothing to claim is the usual case: it costs no write.
        if !self.read(|connection| may_be_claimed(connection, now))? {
            return Ok(Vec::new());
        }
        self.act(move |connection| {
            let mut claimed = all(
                connection,
                "event",
                "UPDATE events SET claimed_until = ?1
                 WHERE id IN (SELECT id FROM events
                              WHERE delivered_at IS NULL
                                AND (claimed_until IS NULL OR claimed_until <= ?2)
                              ORDER BY at, id LIMIT ?3)
                 RETURNING id, kind, at, sub, client_id, about, cause",
                params![claimed_until, now, limit],
                |cells| Ok(read(cells)),
            )?;
            // One row that can't be read must not hold up all that come after it.
            claimed.retain(|event| match event {
                Ok(_) => true,
                Err(error) => {
                    tracing::error!(%error, "an event could not be read and stays in the outbox");
                    false
                }
            });
            let mut claimed = claimed.into_iter().collect::<Result<Vec<_>, _>>()?;
            claimed.sort_by_key(|event| (event.at, event.id));
            Ok(claimed)
        })
        .await
    }

    async fn finish_events(&self, ids: &[i64], now: i64) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.act(move |connection| {
            for id in ids {
                run(
                    connection,
                    "UPDATE events SET delivered_at = ?2 WHERE id = ?1 AND delivered_at IS NULL",
                    params![id, now],
                )?;
            }
            Ok(())
        })
        .await
    }
}

fn may_be_claimed(connection: &Connection, now: i64) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT 1 FROM events
         WHERE delivered_at IS NULL AND (claimed_until IS NULL OR claimed_until <= ?1) LIMIT 1",
        params![now],
    )
}

fn read(cells: &mut SqliteCells<'_>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        id: cells.at("id").integer()?,
        kind: match EventKind::parse(cells.at("kind").text()?) {
            Some(kind) => kind,
            None => return Err(cells.corrupt("its kind is unknown")),
        },
        at: cells.at("at").integer()?,
        sub: cells.at("sub").optional_text()?.map(str::to_owned),
        client_id: cells.at("client_id").optional_text()?.map(str::to_owned),
        about: cells.at("about").optional_text()?.map(str::to_owned),
        cause: cells.at("cause").optional_text()?.map(str::to_owned),
    })
}
