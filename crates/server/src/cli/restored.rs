//! `countersign restored`: what has to follow a restored backup.

use std::fs;
use std::path::Path;

use clap::Args;
use countersign_management::restoration::end_everything_restored;
use countersign_store_sql::sqlite::damage;
use serde_json::json;

use super::console::Console;
use super::failure::Failure;
use crate::configuration::StoreLocation;
use crate::data_directory::DatabaseFiles;
use crate::deployment::{Deployment, OpenError};
use crate::surroundings::now;

#[derive(Debug, Args)]
#[command(after_help = "To restore a backup:
  systemctl stop countersign
  rm -f /var/lib/countersign/countersign.sqlite3-wal /var/lib/countersign/countersign.sqlite3-shm
  cp backup/countersign.sqlite3 /var/lib/countersign/
  countersign restored --yes
  systemctl start countersign

A server that was killed leaves the -wal and -shm files behind. They belong to the database that was there before, and would corrupt the restored one. Keep them only if they were restored together with the database, as from a snapshot of the folder, and add --with-wal.

In a backup, everything that has ended since it was made is still valid: sessions that were signed out, tokens that were revoked, codes that were used. Run this after restoring a backup, before the server starts. Everyone has to sign in again; accounts, passwords, clients and consents stay. docs/backups.md says more.")]
pub struct Restored {
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Use the write-ahead log beside the database, because it was restored together with it.
    #[arg(long)]
    with_wal: bool,
}

impl Restored {
    /// Runs the command.
    ///
    /// # Errors
    /// Returns the [`Failure`] that is reported, with its exit code.
    pub async fn run(&self, console: &mut Console<'_>) -> Result<(), Failure> {
        let configuration = console.begin()?;
        let StoreLocation::Sqlite(database) = configuration.store_location() else {
            return Err(OpenError::MemoryStore.into());
        };
        // A running server's log must not be deleted, and its file not be replaced.
        let locked = Deployment::lock(configuration)?;
        // Both before the database is opened for writing, which moves the log into it.
        if !self.with_wal {
            refuse_log(&DatabaseFiles::of(&database))?;
        }
        refuse_damage(&database)?;
        let (deployment, _lock) = locked.open()?;
        deployment.check_instance().await?;
        console.confirm(
            self.yes,
            "end every session and every grant, as after restoring a backup",
        )?;
        let ended = end_everything_restored(&console.context(&deployment), now()).await?;
        let text = format!(
            "Ended everything in the database ({ended} records). Everyone has to sign in again.\n"
        );
        console.print(&json!({ "ended": ended }), &text)
    }
}

/// SQLite can't tell whose log it is, and applies that of another database without a word
/// (<https://www.sqlite.org/howtocorrupt.html>, section 1.4).
fn refuse_log(files: &DatabaseFiles) -> Result<(), Failure> {
    if fs::metadata(&files.log).map_or(0, |found| found.len()) == 0 {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "there is a write-ahead log beside the database, {log}. If the database file alone was restored, this log belongs to the database that was there before and would corrupt this one: delete {log} and {index}. If it was restored together with the database, as by a snapshot of the folder, add --with-wal. Nothing was changed.",
        log = files.log.display(),
        index = files.index.display()
    )))
}

fn refuse_damage(database: &Path) -> Result<(), Failure> {
    match damage(database)? {
        None => Ok(()),
        Some(what) => Err(Failure::refused(format!(
            "the database {} is damaged: {what}. Restore it again, as docs/backups.md says, or take an older backup. Nothing was changed.",
            database.display()
        ))),
    }
}
