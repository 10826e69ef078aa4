//! Committing a record by compare-and-set: one statement writes the record, what is written with it
//! and its event, if the record still has the version that was read.
//!
//! Under READ COMMITTED, an UPDATE that waited for another one's row lock checks its condition
//! again on the row as the other one left it, so the comparison holds under any race. If a record
//! is in several rows, one of them has the version. It is written first, and the others only if it
//! was written: under its lock, and as they were read with the version that was compared. The
//! parents are read by a second statement, sent right after the first without waiting for its
//! response; it has a snapshot of its own, taken after the first was committed.
//! <https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED>
//! <https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING>

use countersign_store::StoreError;
use countersign_store::acts::shared::{Fate, Parents};
use countersign_store::ended::WhatEnded;
use futures_util::future::join;
use tokio_postgres::Row;

use super::Postgres;
use super::statements::{Params, failed, give_up, is_of_unknown_fate};

/// A commit's statement. `$moved` writes the row that has the version, and returns a row if the
/// version was right; the CTEs `$beside` write everything else, FROM moved. $1 to $6 are the event,
/// NULL if there is none.
macro_rules! commit {
    ($moved:expr) => {
        commit!($moved, "")
    };
    ($moved:expr, $beside:expr) => {
        concat!(
            "WITH moved AS (",
            $moved,
            ")",
            $beside,
            ", told AS (
                 INSERT INTO events (kind, at, sub, client_id, about, cause)
                 SELECT $1::text, $2::bigint, $3::text, $4::text, $5::text, $6::text
                 FROM moved WHERE $1::text IS NOT NULL
             )
             SELECT FROM moved"
        )
    };
}

pub(super) use commit;

/// The statement that is sent right after a commit and reads the record with its parents.
#[derive(Clone, Copy)]
pub(super) struct ReadParents<'a> {
    pub(super) sql: &'static str,
    pub(super) params: Params<'a>,
    pub(super) what_ended: fn(&Row) -> Result<Option<WhatEnded>, StoreError>,
}

/// Sends a commit, and right after it the statement that reads the parents.
///
/// # Errors
/// Returns an error if it is certain that nothing was written.
pub(super) async fn send(
    store: &Postgres,
    sql: &'static str,
    params: Params<'_>,
    behind: Option<ReadParents<'_>>,
) -> Result<Fate, StoreError> {
    let client = store.connection().await?;
    let commit = client.prepare_cached(sql).await.map_err(failed)?;
    let behind = match behind {
        Some(parents) => Some((
            client.prepare_cached(parents.sql).await.map_err(failed)?,
            parents,
        )),
        None => None,
    };
    let read = async {
        let (statement, parents) = behind?;
        let row = client.query_opt(&statement, parents.params).await;
        (parents.what_ended)(&row.ok()??).ok()
    };
    // Polled in this order, so sent in this order, and the first is committed before the second
    // begins.
    let sent = join(client.query_opt(&commit, params), read);
    let Ok((moved, what_ended)) = tokio::time::timeout(store.timeout, sent).await else {
        return Ok(Fate::Unknown(give_up(client)));
    };
    Ok(match moved {
        Ok(None) => Fate::Conflict,
        Ok(Some(_)) => Fate::Written(what_ended.map_or(Parents::Unread, Parents::Read)),
        Err(error) if is_of_unknown_fate(&error) => Fate::Unknown(failed(error)),
        Err(error) => return Err(failed(error)),
    })
}
