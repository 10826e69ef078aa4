//! The schema's versions, applied when a database is opened.
//!
//! `user_version` counts the migrations that a database has had, `application_id` says that it is
//! ours. Both stand in the file's header and change in the transaction that changes the schema.
//! <https://www.sqlite.org/pragma.html#pragma_application_id>

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign_store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::statements::failed;
use super::{Options, connection};

/// "CSGN".
const APPLICATION_ID: i64 = 0x4353_474e;

/// In the order in which they are applied; a released one never changes.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/sqlite/0001_records.sql")];

/// Makes the database where there is none and brings it up to date.
pub(super) fn prepare(options: &Options) -> Result<(), StoreError> {
    create_private(&options.path)?;
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
    enter_wal(&connection, options.busy_timeout)
}

/// The number of migrations that a database has had, without changing it. `None` where there is no
/// file or an empty one.
///
/// # Errors
/// [`StoreError::Refused`] where the file is not ours.
pub fn schema_version(path: &Path) -> Result<Option<i64>, StoreError> {
    if !path
        .try_exists()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
    {
        return Ok(None);
    }
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    version_of(&connection)
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let found = match version_of(connection)? {
        Some(found) => found,
        None => {
            connection
                .pragma_update(None, "application_id", APPLICATION_ID)
                .map_err(failed)?;
            0
        }
    };
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for (version, migration) in (1..).zip(MIGRATIONS) {
        if version > found {
            connection.execute_batch(migration).map_err(failed)?;
            connection
                .pragma_update(None, "user_version", version)
                .map_err(failed)?;
        }
    }
    Ok(())
}

/// `None` for a database with nothing in it.
fn version_of(connection: &Connection) -> Result<Option<i64>, StoreError> {
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

/// A new database is its owner's alone; SQLite gives the log and its index the same permissions.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let open = |is_new: bool| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).create_new(is_new);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    };
    // What is there is not opened: closing it would end SQLite's locks on it in this process.
    let opened = match open(true) {
        // A link that leads nowhere yet: SQLite would make what it names, for everybody to read.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !path.exists() => open(false),
        opened => opened,
    };
    match opened {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Refused(format!("{}: {error}", path.display()))),
    }
}
