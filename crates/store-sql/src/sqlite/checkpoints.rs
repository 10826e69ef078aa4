//! Copying the write-ahead log into the database, beside the commits and not in their way.
//!
//! The writer only says how long the log is. Another thread copies it on a connection of its own,
//! in SQLite's PASSIVE mode, which blocks no one; in a quiet moment it cuts the file as well. Under
//! a load that never pauses that copy is never complete, so the log never restarts: then the writer
//! copies the little that is left ([`restart`]). At the end the whole log is folded in ([`fold`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use countersign_store::StoreError;
use rusqlite::Connection;

use super::statements::failed;
use super::{Options, connection};

/// Without a signal for this long, the log is copied whole and cut.
const QUIET: Duration = Duration::from_secs(30);

/// How long the writer waits for other processes' readers before it lets the log grow on.
const RESTART_PATIENCE: Duration = Duration::from_millis(100);

/// The handle on the checkpointing thread.
pub(super) struct Checkpoints {
    wake: SyncSender<Wake>,
    thread: Option<JoinHandle<()>>,
}

enum Wake {
    Grown,
    Stop,
}

impl Checkpoints {
    /// Starts the thread, and returns the signal that the writer gives it.
    pub(super) fn start(options: &Options) -> Result<(Checkpoints, Signal), StoreError> {
        let (wake, woken) = sync_channel(1);
        let pages = Arc::new(AtomicU32::new(0));
        let signal = Signal {
            pages: Arc::clone(&pages),
            wake: wake.clone(),
            every: options.checkpoint_pages.max(1),
        };
        let connection = connection::open_writing(options)?;
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoints".to_owned())
            .spawn(move || serve(&connection, &woken, &pages))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let thread = Some(thread);
        Ok((Checkpoints { wake, thread }, signal))
    }

    /// Ends the thread and closes its connection.
    pub(super) fn stop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the SQLite checkpoint thread panicked");
        }
    }
}

/// The log's length, and how the writer says that it has grown.
#[derive(Clone)]
pub(super) struct Signal {
    pages: Arc<AtomicU32>,
    wake: SyncSender<Wake>,
    every: u32,
}

impl Signal {
    /// Wakes the thread for every [`Options::checkpoint_pages`] that commits on this connection
    /// add.
    pub(super) fn watch(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let signal = self.clone();
        let mut wake_at = self.every;
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            let pages = u32::try_from(pages).unwrap_or(0);
            let before = signal.pages.swap(pages, Ordering::Relaxed);
            if pages < before {
                wake_at = signal.every; // the log started again
            }
            if pages >= wake_at {
                wake_at = pages.saturating_add(signal.every);
                // A thread that is awake already need not be woken twice.
                let _awake = signal.wake.try_send(Wake::Grown);
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

fn serve(connection: &Connection, woken: &Receiver<Wake>, pages: &AtomicU32) {
    let mut cut_at = 0;
    loop {
        let done = match woken.recv_timeout(QUIET) {
            Ok(Wake::Grown) => checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)").map(drop),
            Err(RecvTimeoutError::Timeout) if pages.load(Ordering::Relaxed) == cut_at => Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                cut_at = pages.load(Ordering::Relaxed);
                truncate(connection)
            }
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the write-ahead log could not be copied into the database");
        }
    }
}

/// How an attempt to restart the log went.
pub(super) enum Restart {
    /// The next commit restarts it.
    Done,
    /// Another connection copies it at this moment. SQLite does not wait for that.
    CopiedMeanwhile,
    /// A reader that stays, in another process, needs what the log holds.
    HeldUp,
}

/// Copies the rest of the log, so that the next commit restarts it. Waits only briefly for readers
/// and writers that are in the way.
pub(super) fn restart(connection: &Connection, options: &Options) -> Result<Restart, StoreError> {
    let patience = RESTART_PATIENCE.min(options.busy_timeout);
    connection.busy_timeout(patience).map_err(failed)?;
    let began = Instant::now();
    let done = checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)");
    connection
        .busy_timeout(options.busy_timeout)
        .map_err(failed)?;
    Ok(match done? {
        true => Restart::Done,
        false if began.elapsed() < patience / 2 => Restart::CopiedMeanwhile,
        false => Restart::HeldUp,
    })
}

/// Copies the whole log and cuts the file, waiting for readers no longer than the busy time-out. It
/// is not a failure if others keep it from finishing: the next attempt continues.
pub(super) fn truncate(connection: &Connection) -> Result<(), StoreError> {
    checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").map(drop)
}

/// The same at the end, when no other checkpoint follows.
pub(super) fn fold(connection: &Connection) -> Result<(), StoreError> {
    match checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)")? {
        true => Ok(()),
        false => Err(StoreError::Unavailable(
            "another process reads the database, so that a part of its write-ahead log is left"
                .to_owned(),
        )),
    }
}

/// Returns whether it went to the end. <https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>
fn checkpoint(connection: &Connection, sql: &str) -> Result<bool, StoreError> {
    let is_busy = connection.query_row(sql, [], |row| row.get::<_, i64>("busy"));
    Ok(is_busy.map_err(failed)? == 0)
}
