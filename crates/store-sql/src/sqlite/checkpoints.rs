//! Copying the write-ahead log into the database, beside the commits and not in their way.
//!
//! The writer only says how long the log is. Another thread copies it on a connection of its own,
//! in SQLite's PASSIVE mode, which blocks nobody; in a quiet moment it cuts the file as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use countersign_store::StoreError;
use rusqlite::Connection;

use super::statements::failed;
use super::{Options, connection};

/// Without a signal for this long, the log is copied whole and cut.
const QUIET: Duration = Duration::from_secs(30);

/// The handle on the checkpointing thread.
pub(super) struct Checkpoints {
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread, and answers the signal that the writer rings: the thread ends when the
    /// last copy of it is gone.
    pub(super) fn start(options: &Options) -> Result<(Checkpoints, Signal), StoreError> {
        let (wake, woken) = sync_channel(1);
        let pages = Arc::new(AtomicU32::new(0));
        let signal = Signal {
            pages: Arc::clone(&pages),
            wake,
            every: options.checkpoint_pages.max(1),
        };
        let connection = connection::open_writing(options)?;
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoints".to_owned())
            .spawn(move || serve(&connection, &woken, &pages))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok((
            Checkpoints {
                thread: Some(thread),
            },
            signal,
        ))
    }

    /// Waits for the thread, which ends once the writer is gone.
    pub(super) fn stop(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the SQLite checkpoint thread panicked");
        }
    }
}

/// The log's length, and a bell to ring when it has grown.
#[derive(Clone)]
pub(super) struct Signal {
    pages: Arc<AtomicU32>,
    wake: SyncSender<()>,
    every: u32,
}

impl Signal {
    /// Rings for every [`Options::checkpoint_pages`] that commits on this connection add.
    pub(super) fn watch(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let signal = self.clone();
        let mut ring_at = self.every;
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            let pages = u32::try_from(pages).unwrap_or(0);
            let before = signal.pages.swap(pages, Ordering::Relaxed);
            if pages < before {
                ring_at = signal.every; // the log began anew
            }
            if pages >= ring_at {
                ring_at = pages.saturating_add(signal.every);
                // A bell that rings already need not ring twice.
                let _ringing = signal.wake.try_send(());
            }
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(failed)
    }

    /// Pages in the log after the last commit.
    pub(super) fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }
}

fn serve(connection: &Connection, woken: &Receiver<()>, pages: &AtomicU32) {
    let mut cut_at = 0;
    loop {
        let done = match woken.recv_timeout(QUIET) {
            Ok(()) => checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)"),
            Err(RecvTimeoutError::Timeout) if pages.load(Ordering::Relaxed) == cut_at => Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                cut_at = pages.load(Ordering::Relaxed);
                truncate(connection)
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
        }
    }
}

/// Copies the whole log and cuts the file, waiting for readers no longer than the busy time-out.
pub(super) fn truncate(connection: &Connection) -> Result<(), StoreError> {
    checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
}

/// A checkpoint that others keep from finishing is no failure: the next one goes on.
fn checkpoint(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.query_row(sql, [], |_| Ok(())).map_err(failed)
}
