//! One writer thread, one transaction for everything that waits, results after the commit.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::oneshot;

use crate::Result;

/// The maximum number of acts in one transaction.
const MAX_BATCH: usize = 256;

/// Copies the log beside the commits, as often as this.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(250);

/// Runs in the transaction and returns the result, to be sent once that is durable.
type Act = Box<dyn FnOnce(&Connection) -> Answer + Send>;
type Answer = Box<dyn FnOnce() + Send>;

pub(super) struct Writer {
    queue: Sender<Act>,
}

impl Writer {
    pub(super) fn start(path: &Path) -> Result<Writer> {
        let connection = open(path)?;
        let checkpoints = open(path)?;
        let (queue, waiting) = channel();
        std::thread::spawn(move || serve(&connection, &waiting));
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(CHECKPOINT_EVERY);
                let pragma = "PRAGMA wal_checkpoint(PASSIVE)";
                if checkpoints.query_row(pragma, [], |_| Ok(())).is_err() {
                    return;
                }
            }
        });
        Ok(Writer { queue })
    }

    /// The act's result once it is durable; `None` if it failed.
    pub(super) async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let act: Act = Box::new(move |connection| {
            let result = act(connection);
            Box::new(move || {
                let _gone = reply.send(result.ok());
            })
        });
        self.queue.send(act).ok()?;
        answer.await.ok()?
    }
}

pub(super) fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -16384;",
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Else a cached statement is prepared again at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn serve(connection: &Connection, waiting: &Receiver<Act>) {
    let tell = |sql| connection.prepare_cached(sql)?.execute([]);
    while let Ok(first) = waiting.recv() {
        if tell("BEGIN IMMEDIATE").is_err() {
            continue;
        }
        let mut answers = vec![first(connection)];
        while answers.len() < MAX_BATCH
            && let Ok(act) = waiting.try_recv()
        {
            answers.push(act(connection));
        }
        // Without the commit no result is sent: dropping it tells those who wait.
        if tell("COMMIT").is_ok() {
            answers.into_iter().for_each(|answer| answer());
        }
    }
}
