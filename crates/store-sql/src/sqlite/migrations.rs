//! The schema's versions, applied when a database is opened.
//!
//! `user_version` is the version of a database's schema, `application_id` says that it is ours.
//! Both are in the file's header and change in the transaction that changes the schema.
//! <https://www.sqlite.org/pragma.html#pragma_application_id>

use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_store::StoreError;
use rusqlite::{Connection, ErrorCode};

use super::statements::failed;
use super::{Options, connection, file};

/// "CSGN".
const APPLICATION_ID: i64 = 0x4353_474e;

/// In the order in which they are applied; a released one never changes.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/sqlite/0001_records.sql")];

/// The version that the first migration makes. Versions 1 and 2 were the schemas of programs that
/// were never released.
const FIRST: i64 = 3;

/// Makes the database if there is none and brings it up to date.
pub(super) fn prepare(options: &Options) -> Result<(), StoreError> {
    file::make_where_missing(&options.path, |draft| {
        migrate_file(&Options {
            path: draft.to_owned(),
            ..options.clone()
        })
        .map(drop)
    })?;
    let connection = migrate_file(options)?;
    enter_wal(&connection, options.busy_timeout)
}

fn migrate_file(options: &Options) -> Result<Connection, StoreError> {
    let connection = connection::open_writing(options)?;
    connection
        .execute_batch("BEGIN EXCLUSIVE")
        .map_err(failed)?;
    match migrate(&connection) {
        Ok(()) => connection.execute_batch("COMMIT").map_err(failed)?,
        Err(error) => {
            connection.execute_batch("ROLLBACK").map_err(failed)?;
            return Err(error);
        }
    }
    Ok(connection)
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let known = FIRST + MIGRATIONS.len() as i64 - 1;
    let found = version_of(connection)?;
    match found {
        Some(found) if found > known => return Err(StoreError::NewerSchema { found, known }),
        Some(found) if found < FIRST => {
            return Err(StoreError::UnreleasedSchema {
                found,
                oldest: FIRST,
            });
        }
        Some(_) => {}
        None => connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(failed)?,
    }
    for (version, migration) in (FIRST..).zip(MIGRATIONS) {
        if found.is_none_or(|found| version > found) {
            connection.execute_batch(migration).map_err(failed)?;
            connection
                .pragma_update(None, "user_version", version)
                .map_err(failed)?;
        }
    }
    Ok(())
}

/// `None` for a database with nothing in it.
pub(super) fn version_of(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let application_id = number(connection, "PRAGMA application_id")?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema")?;
    match application_id {
        APPLICATION_ID => number(connection, "PRAGMA user_version").map(Some),
        0 if tables == 0 => Ok(None),
        _ => Err(StoreError::Refused(
            "the file is another program's SQLite database; name a file of your own".to_owned(),
        )),
    }
}

fn number(connection: &Connection, sql: &str) -> Result<i64, StoreError> {
    connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(failed)
}

/// The journal mode is a property of the file. Entering WAL needs the file alone for a moment, and
/// SQLite does not always wait for that by itself.
fn enter_wal(connection: &Connection, patience: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| {
            row.get::<_, String>(0)
        });
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::Refused(format!(
                    "the file system does not allow a write-ahead log (journal mode {mode})"
                )));
            }
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && started.elapsed() < patience =>
            {
                sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(failed(error)),
        }
    }
}
