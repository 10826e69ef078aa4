//! Connections: how each one is set up before it is used.

use countersign_store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Options;
use super::statements::failed;

/// Statements kept prepared per connection: more than this crate has.
const STATEMENTS: usize = 256;

/// A connection that may write.
pub(super) fn open_writing(options: &Options) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(options, flags)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA secure_delete = FAST;
             PRAGMA cache_size = -16384;",
        )
        .map_err(failed)?;
    // After a checkpoint the log is cut back to this size rather than left at its largest.
    let limit = i64::from(options.checkpoint_pages) * 4096;
    connection
        .pragma_update(None, "journal_size_limit", limit)
        .map_err(failed)?;
    Ok(connection)
}

/// A connection that can't write.
pub(super) fn open_reading(options: &Options) -> Result<Connection, StoreError> {
    open(
        options,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
}

fn open(options: &Options, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(&options.path, flags).map_err(failed)?;
    connection
        .busy_timeout(options.busy_timeout)
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without this, a plan may depend on the values bound to it. Clearing them, which happens
    // whenever a statement returns to the cache, then makes SQLite prepare it again at its next
    // use, which takes most of the time of a read.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;")
        .map_err(failed)?;
    Ok(connection)
}
