//! SQLite: one writer thread with group commit, and connections that only read.
//!
//! The database may have other writers (a second process, the command line), so nothing that a
//! response depends on is kept in memory: every act begins with BEGIN IMMEDIATE, and every read
//! goes to the database. WAL with synchronous=FULL: with NORMAL a power cut can bring a used code
//! back. <https://www.sqlite.org/wal.html>

mod access_tokens;
mod checkpoints;
mod clients;
mod connection;
mod consents;
mod device_requests;
mod events;
mod file;
mod grant_row;
mod grants;
mod housekeeping;
mod instance;
mod keys;
mod listing;
mod logout;
mod migrations;
mod personal_tokens;
mod readers;
mod registration;
mod replay;
mod resources;
mod restoration;
mod sessions;
mod setup;
mod statements;
mod subjects;
mod throttle;
mod users;
mod writer;
#[cfg(test)]
mod writer_tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::random::SystemRandom;
use countersign_store::{ActId, StoreError};
use rusqlite::Connection;

use checkpoints::Checkpoints;
use readers::Readers;
use writer::Writer;

pub use file::{DatabaseFile, damage, inspect, schema_version};

/// How to open a database. [`Options::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct Options {
    pub path: PathBuf,
    /// How long a writer waits for another process's transaction, and an act for a place in the
    /// writer's queue, before it returns [`StoreError::Unavailable`].
    pub busy_timeout: Duration,
    /// Reading connections that are kept open.
    pub readers: usize,
    /// The maximum number of acts in one transaction.
    pub max_batch: usize,
    /// The maximum number of acts that wait for the writer.
    pub queue: usize,
    /// Pages in the write-ahead log from which it is copied into the database.
    pub checkpoint_pages: u32,
}

impl Options {
    pub fn new(path: impl Into<PathBuf>) -> Options {
        Options {
            path: path.into(),
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            max_batch: 256,
            queue: 4096,
            checkpoint_pages: 2000,
        }
    }
}

/// The id of an act.
fn next_act() -> ActId {
    ActId::generate(&SystemRandom)
}

/// A store in one SQLite file. Dropping it does what is queued and closes the database, as
/// [`Housekeeping::close`](countersign_store::Housekeeping::close) does.
pub struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
}

impl Sqlite {
    /// Opens the database, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// Returns [`StoreError::NewerSchema`], [`StoreError::UnreleasedSchema`];
    /// [`StoreError::Refused`] if the file is not ours or can't be written;
    /// [`StoreError::Unavailable`] if it could not be read or stayed locked.
    pub fn open(options: Options) -> Result<Sqlite, StoreError> {
        migrations::prepare(&options)?;
        let readers = Arc::new(Readers::open(&options)?);
        let checkpoints = Checkpoints::start(&options)?;
        let writer = Writer::start(&options, Arc::clone(&readers), checkpoints)?;
        Ok(Sqlite { writer, readers })
    }

    /// Runs `act` in the writer, and returns once the transaction it ran in is durable.
    async fn act<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.act(act).await
    }

    /// Runs `read` here and now on a connection that sees everything that was ever acknowledged.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.readers.read(read)
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.writer.stop();
    }
}
