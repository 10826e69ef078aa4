//! The data folder: the database, the master key, and the lock that keeps a second server out.
//!
//! Only the server takes the lock, and `countersign restored`, which must not run beside one. The
//! other commands work beside it, by the store's own transactions.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use countersign_jose::{base64url, random};
use zeroize::Zeroizing;

use crate::master_key::{MasterKeys, Unreadable};
use crate::wording::Wording;

/// Holds 256 random bits in base64url, readable by the owner only; during a rotation, more
/// ([`MasterKeys`]).
pub const MASTER_KEY_FILE: &str = "master.key";

/// Locked by the server that uses the folder.
pub const LOCK_FILE: &str = "server.lock";

/// A data folder that exists and can be written.
#[derive(Debug, Clone)]
pub struct DataDirectory {
    path: PathBuf,
}

/// What is wrong with the folder. Each says what to do.
#[derive(Debug)]
pub enum DataDirectoryError {
    NotWritable { path: PathBuf, source: io::Error },
    InUse { path: PathBuf },
    FolderExposed { path: PathBuf },
    FolderOfAnotherUser { path: PathBuf },
    DatabaseExposed { path: PathBuf },
    DatabaseFolderExposed { path: PathBuf, is_shared: bool },
    DatabaseEmpty { path: PathBuf, key: PathBuf },
    MasterKeyExposed { path: PathBuf },
    MasterKeyMalformed { path: PathBuf },
    MasterKeyGuessable { path: PathBuf },
    MasterKeyNotAFile { path: PathBuf },
    MasterKeyMissing { path: PathBuf, database: PathBuf },
    MasterKeyUnreadable { path: PathBuf, source: io::Error },
}

impl DataDirectoryError {
    /// The message, with the settings named as its reader knows them.
    #[must_use]
    pub fn message(&self, wording: Wording) -> String {
        let data_dir = wording.data_dir();
        match self {
            Self::NotWritable { path, source } => format!(
                "can't write to the data folder {}: {source}. Give ownership of the folder to the user that runs this command, or choose another folder with {data_dir}.",
                path.display()
            ),
            Self::InUse { path } => format!(
                "the data folder {} is in use by another server. Stop that server, or choose another folder with {data_dir}.",
                path.display()
            ),
            Self::FolderExposed { path } => format!(
                "users other than its owner can write to the data folder {0}, and so put their own master key or database there. Run: chmod go-w {0}",
                path.display()
            ),
            Self::FolderOfAnotherUser { path } => format!(
                "the data folder {} belongs to a different user than the one that runs this. Run this as that user, change the owner of the folder, or choose another folder with {data_dir}; a folder inside this one is created if it doesn't exist.",
                path.display()
            ),
            Self::DatabaseExposed { path } => format!(
                "users other than its owner can access the database {0}. Run: chmod 600 {0}",
                path.display()
            ),
            // Everyone may make files in such a folder, and each may delete only their own
            // (chmod(1), the sticky bit).
            Self::DatabaseFolderExposed {
                path,
                is_shared: true,
            } => format!(
                "the database is in {}, where every user can put files next to it. Move it to a folder of its own, and set {data_dir} to that folder.",
                path.display()
            ),
            Self::DatabaseFolderExposed { path, .. } => format!(
                "users other than its owner can write to the folder {0}, and so replace the database. Run: chmod go-w {0}",
                path.display()
            ),
            Self::DatabaseEmpty { path, key } => format!(
                "the database {} is empty, although the master key {} is there, so this deployment has been in use. Restore the database from your backup. If it never contained anything, delete the empty file.",
                path.display(),
                key.display()
            ),
            Self::MasterKeyExposed { path } => format!(
                "users other than its owner can read {0}. Run: chmod 600 {0}",
                path.display()
            ),
            Self::MasterKeyMalformed { path } => format!(
                "{} does not contain a master key, which is 43 characters of base64url. Restore it from your backup.",
                path.display()
            ),
            Self::MasterKeyGuessable { path } => format!(
                "{} repeats a few bytes, so it is easy to guess. Restore the right one from your backup. If nothing is sealed under it yet, delete it; the next start creates a new one.",
                path.display()
            ),
            Self::MasterKeyNotAFile { path } => format!(
                "{} is not a file. Restore the master key file there from your backup, or put a link to it there.",
                path.display()
            ),
            Self::MasterKeyMissing { path, database } => format!(
                "the master key {} is missing, and the sealed data in the database {} can't be read without it. Restore it from your backup. If the database was created with keys.secret_key, set that ({}) to its old value.",
                path.display(),
                database.display(),
                wording.secret_key()
            ),
            Self::MasterKeyUnreadable { path, source } => format!(
                "can't read {}: {source}. Make it readable for the user that runs this.",
                path.display()
            ),
        }
    }
}

impl fmt::Display for DataDirectoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message(Wording::Settings))
    }
}

impl std::error::Error for DataDirectoryError {}

/// The right to serve from a folder; ends when dropped, or with the process however it ends.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "the lock lives as long as the file")] File);

impl DataDirectory {
    /// Makes the folder if it isn't there, readable by its owner only, and sees that it can be
    /// written, by us alone.
    ///
    /// # Errors
    /// Returns [`DataDirectoryError::NotWritable`], [`DataDirectoryError::FolderOfAnotherUser`] or
    /// [`DataDirectoryError::FolderExposed`].
    pub fn prepare(path: &Path) -> Result<Self, DataDirectoryError> {
        let not_writable = |source| DataDirectoryError::NotWritable {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(not_writable)?;
        let probe = path.join(format!(".probe-{}", unique_name()));
        let ours = open_new(&probe, 0o600).and_then(|file| file.metadata());
        let ours = ours.map_err(not_writable)?.uid();
        fs::remove_file(&probe).map_err(not_writable)?;
        let folder = fs::metadata(path).map_err(not_writable)?;
        let path = path.to_owned();
        if folder.uid() != ours {
            return Err(DataDirectoryError::FolderOfAnotherUser { path });
        }
        if folder.mode() & 0o022 != 0 {
            return Err(DataDirectoryError::FolderExposed { path });
        }
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to serve from this folder.
    ///
    /// # Errors
    /// Returns [`DataDirectoryError::InUse`] or [`DataDirectoryError::NotWritable`].
    pub fn lock_for_server(&self) -> Result<ServerLock, DataDirectoryError> {
        let path = self.path.join(LOCK_FILE);
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let not_writable = |source| DataDirectoryError::NotWritable {
            path: path.clone(),
            source,
        };
        let file = file.map_err(not_writable)?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock(file)),
            Err(TryLockError::WouldBlock) => Err(DataDirectoryError::InUse {
                path: self.path.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(not_writable(source)),
        }
    }

    /// The master key from `master.key`, made on the first call. Two processes that start together
    /// end with one key.
    ///
    /// # Errors
    /// Refuses a key that others than its owner can read, that can be guessed, or that is no file.
    pub fn master_key(&self) -> Result<MasterKeys, DataDirectoryError> {
        let path = self.path.join(MASTER_KEY_FILE);
        if !path.exists() {
            self.make_master_key(&path)
                .map_err(|source| DataDirectoryError::NotWritable {
                    path: path.clone(),
                    source,
                })?;
        }
        self.read_master_key()
    }

    /// The master key from `master.key`, which must be there.
    ///
    /// # Errors
    /// As [`master_key`](Self::master_key), and [`DataDirectoryError::MasterKeyUnreadable`].
    pub fn read_master_key(&self) -> Result<MasterKeys, DataDirectoryError> {
        read_master_key(&self.path.join(MASTER_KEY_FILE))
    }

    /// When `master.key` was last written.
    ///
    /// # Errors
    /// Returns [`DataDirectoryError::MasterKeyUnreadable`].
    pub fn master_key_changed_at(&self) -> Result<SystemTime, DataDirectoryError> {
        let path = self.path.join(MASTER_KEY_FILE);
        fs::metadata(&path)
            .and_then(|found| found.modified())
            .map_err(|source| DataDirectoryError::MasterKeyUnreadable { path, source })
    }

    /// Replaces `master.key` as a whole: a reader sees the keys before or after, and so does one
    /// that comes after a power cut.
    ///
    /// # Errors
    /// Returns [`DataDirectoryError::NotWritable`].
    pub fn replace_master_key(&self, keys: &MasterKeys) -> Result<(), DataDirectoryError> {
        let path = self.path.join(MASTER_KEY_FILE);
        self.write_draft(&keys.to_text())
            .and_then(|draft| fs::rename(draft, &path))
            .and_then(|()| File::open(&self.path)?.sync_all())
            .map_err(|source| DataDirectoryError::NotWritable { path, source })
    }

    /// Writes a file that isn't there yet, for its owner only.
    pub(crate) fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        open_new(&self.path.join(name), 0o600)?.write_all(bytes)
    }

    fn write_draft(&self, text: &str) -> io::Result<PathBuf> {
        let draft = self
            .path
            .join(format!(".{MASTER_KEY_FILE}-{}", unique_name()));
        let mut file = open_new(&draft, 0o600)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }

    /// Writes the key beside its place and links it there, which fails if another process was
    /// first: no reader ever sees half a key.
    fn make_master_key(&self, path: &Path) -> io::Result<()> {
        let keys = MasterKeys::of(Zeroizing::new(random::bytes::<32>()));
        let draft = self.write_draft(&keys.to_text())?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // What is sealed under the key must not outlive it in a power cut.
        File::open(&self.path)?.sync_all()
    }
}

/// Checks that the master key of `folder` exists if a database does: a new key could not open
/// anything that is sealed in it. Two processes that start together don't run into this, because
/// the key is created before the database.
///
/// # Errors
/// Returns [`DataDirectoryError::MasterKeyMissing`].
pub fn check_master_key_is_there(folder: &Path, database: &Path) -> Result<(), DataDirectoryError> {
    // An empty file is what `touch` creates, or an earlier start that could not write.
    let is_used = fs::metadata(database).is_ok_and(|found| found.len() > 0);
    let path = folder.join(MASTER_KEY_FILE);
    // What can't be looked at is there; reading it says what is wrong.
    if is_used && matches!(path.try_exists(), Ok(false)) && is_sqlite(database) {
        let database = database.to_owned();
        return Err(DataDirectoryError::MasterKeyMissing { path, database });
    }
    Ok(())
}

/// Whether a file begins as a SQLite database does (its file format, section 1.3). Any other file
/// is refused when it is opened.
fn is_sqlite(path: &Path) -> bool {
    let mut magic = [0; 16];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
        && magic == *b"SQLite format 3\0"
}

/// Sees that a database is its owner's alone, and so are its log and index, which SQLite gives the
/// database's mode and puts beside what a link leads to. The same for the folder that it is in.
/// What isn't there yet is well.
///
/// # Errors
/// Returns [`DataDirectoryError::DatabaseExposed`] or
/// [`DataDirectoryError::DatabaseFolderExposed`].
pub fn check_database(path: &Path) -> Result<(), DataDirectoryError> {
    let files = DatabaseFiles::of(path);
    check_folder_of_database(&files.database)?;
    for path in [files.database, files.log, files.index] {
        // What can't be looked at can't be opened either, and opening says why.
        if fs::metadata(&path).is_ok_and(|found| found.is_file() && found.mode() & 0o077 != 0) {
            return Err(DataDirectoryError::DatabaseExposed { path });
        }
    }
    Ok(())
}

/// The files of a SQLite database, beside what a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFiles {
    pub database: PathBuf,
    /// The write-ahead log.
    pub log: PathBuf,
    /// The index of the log.
    pub index: PathBuf,
}

impl DatabaseFiles {
    /// The names; none of the files need be there.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let is_link = fs::read_link(path).is_ok();
        let target = fs::canonicalize(path).ok().filter(|_| is_link);
        let database = target.unwrap_or_else(|| path.to_owned());
        let with_suffix = |suffix| {
            let mut name = database.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self {
            log: with_suffix("-wal"),
            index: with_suffix("-shm"),
            database,
        }
    }
}

/// Anyone who can write to its folder can replace a database, or prepare a log for it.
fn check_folder_of_database(path: &Path) -> Result<(), DataDirectoryError> {
    const STICKY: u32 = 0o1000;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(found) if found.mode() & 0o022 != 0 => Err(DataDirectoryError::DatabaseFolderExposed {
            path: folder.to_owned(),
            is_shared: found.mode() & STICKY != 0,
        }),
        _ => Ok(()),
    }
}

/// Checks that an existing database is not empty if the master key of `folder` shows that it was
/// used: a database that lost everything must not be initialized again as if nothing had been in
/// it.
///
/// # Errors
/// Returns [`DataDirectoryError::DatabaseEmpty`].
pub fn check_database_is_not_lost(
    folder: &Path,
    database: &Path,
) -> Result<(), DataDirectoryError> {
    let key = folder.join(MASTER_KEY_FILE);
    let is_empty = fs::metadata(database).is_ok_and(|found| found.is_file() && found.len() == 0);
    if is_empty && key.exists() {
        let path = database.to_owned();
        return Err(DataDirectoryError::DatabaseEmpty { path, key });
    }
    Ok(())
}

fn read_master_key(path: &Path) -> Result<MasterKeys, DataDirectoryError> {
    let unreadable = |source| DataDirectoryError::MasterKeyUnreadable {
        path: path.to_owned(),
        source,
    };
    // This check comes before opening, which would block forever on a FIFO.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(DataDirectoryError::MasterKeyNotAFile {
            path: path.to_owned(),
        });
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(DataDirectoryError::MasterKeyExposed {
            path: path.to_owned(),
        });
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(unreadable)?;
    MasterKeys::parse(&text).map_err(|unreadable| {
        let path = path.to_owned();
        match unreadable {
            Unreadable::Malformed => DataDirectoryError::MasterKeyMalformed { path },
            Unreadable::Guessable => DataDirectoryError::MasterKeyGuessable { path },
        }
    })
}

fn open_new(path: &Path, mode: u32) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    // The mode of `open` is reduced by the umask, never widened; this is for the exotic umask that
    // takes from the owner.
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

fn unique_name() -> String {
    base64url::encode(random::bytes::<9>())
}

#[cfg(test)]
mod tests;
