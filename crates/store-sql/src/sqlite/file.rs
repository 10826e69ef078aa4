//! The database's file: made so that no one ever sees it half made, and looked at without changing
//! it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use countersign_store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrations;
use super::statements::{exists, failed};

/// What a path holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseFile {
    /// There is no file.
    Missing,
    /// A file without a byte, or a database without a table. Opening a store never leaves one
    /// behind: a file that is empty was made by something else, or has lost what it held.
    Empty,
    /// A database of ours.
    Ours {
        schema_version: i64,
        /// Whether a provider has adopted it ([`countersign_store::instance`]).
        has_instance: bool,
    },
}

/// What a database file holds, found out without changing it.
///
/// # Errors
/// Returns [`StoreError::Refused`] if the file is not ours; [`StoreError::Unavailable`] if it can't
/// be read.
pub fn inspect(path: &Path) -> Result<DatabaseFile, StoreError> {
    let is_there = path
        .try_exists()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    if !is_there {
        return Ok(DatabaseFile::Missing);
    }
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let Some(schema_version) = migrations::version_of(&connection)? else {
        return Ok(DatabaseFile::Empty);
    };
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'instance'";
    let has_instance =
        exists(&connection, table, [])? && exists(&connection, "SELECT 1 FROM instance", [])?;
    Ok(DatabaseFile::Ours {
        schema_version,
        has_instance,
    })
}

/// The schema version of a database, without changing it. `None` if there is no file or an empty
/// one.
///
/// # Errors
/// Those of [`inspect`].
pub fn schema_version(path: &Path) -> Result<Option<i64>, StoreError> {
    Ok(match inspect(path)? {
        DatabaseFile::Missing | DatabaseFile::Empty => None,
        DatabaseFile::Ours { schema_version, .. } => Some(schema_version),
    })
}

/// What is damaged in a database, found out without changing it. `None` if it is intact, or if
/// there is no file.
///
/// It reads the whole file. <https://www.sqlite.org/pragma.html#pragma_integrity_check>
///
/// # Errors
/// Returns [`StoreError::Unavailable`] if the file can't be read.
pub fn damage(path: &Path) -> Result<Option<String>, StoreError> {
    let is_there = path
        .try_exists()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    if !is_there {
        return Ok(None);
    }
    match integrity_check(path) {
        Ok(faults) if faults == ["ok"] => Ok(None),
        Ok(faults) => Ok(Some(on_one_line(&faults))),
        // What can't even be checked.
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Ok(Some(error.to_string()))
            }
            _ => Err(failed(error)),
        },
    }
}

/// The first faults, or `ok`.
fn integrity_check(path: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // A log that is there stays there.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let mut statement = connection.prepare("PRAGMA integrity_check(3)")?;
    let lines = statement.query_map([], |row| row.get(0))?;
    lines.collect()
}

/// SQLite begins a list of faults with a line that says in which database, of which there is one.
fn on_one_line(faults: &[String]) -> String {
    let lines = faults.iter().flat_map(|fault| fault.lines());
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("***")).collect();
    lines.join("; ")
}

/// If there is no file, makes one that is its owner's alone (SQLite gives the log and its index the
/// same permissions), fills it by `fill`, and only then gives it its name.
pub(super) fn make_where_missing(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let refused = |error: io::Error| StoreError::Refused(format!("{}: {error}", path.display()));
    // What is there is not opened: closing it would end SQLite's locks on it in this process.
    if path.try_exists().map_err(refused)? {
        return Ok(());
    }
    // A link that leads nowhere yet: the file goes where it leads.
    let target = match fs::read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
        Err(_) => path.to_owned(),
    };
    let draft = new_draft(&target).map_err(refused)?;
    let filled = fill(&draft).and_then(|()| publish(&draft, &target).map_err(refused));
    let removed = fs::remove_file(&draft);
    filled?;
    removed.map_err(refused)
}

/// An empty file beside `target`, with a name of its own.
fn new_draft(target: &Path) -> io::Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".new-{}-{number}", std::process::id()));
        let draft = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&draft) {
            Ok(_) => return Ok(draft),
            // What a process of the same number left when it was killed.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Gives the draft its name, unless another process was first.
fn publish(draft: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(draft, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let folder = target.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
