//! The writer: one thread, one connection, one transaction for everything that waits.
//!
//! A batch is BEGIN IMMEDIATE, a savepoint around each act, COMMIT. A failing act rolls back only
//! its own savepoint. Every response, even a refusal, waits for the commit: a refusal may depend on
//! what an earlier act of the same batch wrote. While one commit waits for the disk, the next batch
//! gathers, so more load means larger batches, not more syncs.
//!
//! The writer also closes the store: it is the last to hold the database, and folds the log in.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use countersign_store::StoreError;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::{self, Checkpoints, Restart, Signal};
use super::readers::Readers;
use super::statements::failed;
use super::{Options, connection};

/// The handle on the writer thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Message>>,
    patience: Duration,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Act(Box<dyn Act>),
    /// Do what was queued before this, close the database, and say how that went.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

impl Writer {
    /// Starts the thread. It takes over who else uses the database, to close them before itself.
    pub(super) fn start(
        options: &Options,
        readers: Arc<Readers>,
        (checkpoints, signal): (Checkpoints, Signal),
    ) -> Result<Writer, StoreError> {
        let (queue, waiting) = mpsc::channel(options.queue.max(1));
        let mut engine = Engine {
            restart_at: restart_at(options),
            options: options.clone(),
            readers,
            checkpoints,
            signal,
            connection: None,
            distrusted: false,
        };
        engine.connect()?;
        let queue_end = Queue {
            waiting,
            close: None,
        };
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || engine.serve(queue_end))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Writer {
            queue: Some(queue),
            patience: options.busy_timeout,
            thread: Some(thread),
        })
    }

    /// Queues an act and waits until the transaction that it ran in is durable.
    ///
    /// A queued act is run even if no one waits for its response any more.
    pub(super) async fn act<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let Some(queue) = &self.queue else {
            return Err(stopped());
        };
        let message = Message::Act(Box::new(Pending {
            act: Some(act),
            result: None,
            reply,
        }));
        match queue.try_send(message) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return Err(stopped()),
            Err(TrySendError::Full(act)) => match queue.send_timeout(act, self.patience).await {
                Ok(()) => {}
                Err(SendTimeoutError::Closed(_)) => return Err(stopped()),
                Err(SendTimeoutError::Timeout(_)) => {
                    return Err(StoreError::Unavailable(
                        "the writer's queue is full".to_owned(),
                    ));
                }
            },
        }
        answer.await.map_err(|_| stopped())?
    }

    /// Does what is queued, then closes the database. Closing it again does nothing.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let Some(queue) = &self.queue else {
            return Ok(());
        };
        match queue.send(Message::Close(reply)).await {
            // If there is no response, it was already being closed.
            Ok(()) => answer.await.unwrap_or(Ok(())),
            Err(_closed) => Ok(()),
        }
    }

    /// The same for who can't wait asynchronously; what fails is logged.
    pub(super) fn stop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the SQLite writer panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped".to_owned())
}

/// An act that waits for its turn, then for its batch.
trait Act: Send {
    /// Runs it inside its savepoint, and returns whether its changes are to be kept.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Tells the caller, now that the batch is durable or lost.
    fn answer(self: Box<Self>, fate: &Result<(), String>);
}

struct Pending<T, F> {
    act: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Act for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(act) = self.act.take() else {
            return false;
        };
        let result = catch_unwind(AssertUnwindSafe(|| act(connection)))
            .unwrap_or_else(|panic| Err(StoreError::Unavailable(panic_text(panic.as_ref()))));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, fate: &Result<(), String>) {
        let lost = |why: &str| Err(StoreError::Unavailable(why.to_owned()));
        let answer = match (fate, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => lost("the act was not run"),
            (Err(why), _) => lost(why),
        };
        // The caller may be gone. Then no one is told, but the act has happened.
        let _gone = self.reply.send(answer);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("an act panicked: {}", text.unwrap_or("no message"))
}

/// What waits for the thread.
struct Queue {
    waiting: mpsc::Receiver<Message>,
    /// Who asked to close; then nothing more is taken from the queue.
    close: Option<oneshot::Sender<Result<(), StoreError>>>,
}

impl Queue {
    /// Waits for the next act. `None` once there will be none.
    fn next(&mut self) -> Option<Box<dyn Act>> {
        let message = match self.close {
            None => self.waiting.blocking_recv(),
            Some(_) => None,
        };
        self.act_of(message)
    }

    /// The next act that is already queued.
    fn next_waiting(&mut self) -> Option<Box<dyn Act>> {
        let message = match self.close {
            None => self.waiting.try_recv().ok(),
            Some(_) => None,
        };
        self.act_of(message)
    }

    fn act_of(&mut self, message: Option<Message>) -> Option<Box<dyn Act>> {
        match message? {
            Message::Act(act) => Some(act),
            Message::Close(reply) => {
                self.close = Some(reply);
                None
            }
        }
    }
}

/// What the thread owns.
struct Engine {
    options: Options,
    readers: Arc<Readers>,
    checkpoints: Checkpoints,
    signal: Signal,
    /// `None` until it is opened, and again once it can't be trusted any more.
    connection: Option<Connection>,
    distrusted: bool,
    /// Pages in the log at which it should restart.
    restart_at: u32,
}

impl Engine {
    fn serve(mut self, mut queue: Queue) {
        let mut batch = Vec::with_capacity(self.options.max_batch);
        while let Some(first) = queue.next() {
            batch.push(first);
            // Callers whose acts were in the last batch, and which run on this core, may be about
            // to send the next: one commit for all of them costs as much as one for the first
            // alone.
            std::thread::yield_now();
            let fate = self.transact(&mut batch, &mut queue);
            if let Err(why) = &fate {
                tracing::error!(acts = batch.len(), why, "a SQLite transaction was lost");
            }
            for act in batch.drain(..) {
                act.answer(&fate);
            }
            self.bound_the_log();
        }
        let closed = self.close();
        match queue.close {
            // The caller may be gone.
            Some(reply) => drop(reply.send(closed)),
            None => {
                if let Err(error) = closed {
                    tracing::warn!(%error, "the database was not closed properly");
                }
            }
        }
    }

    /// Runs `batch` and whatever else waits in one transaction.
    fn transact(&mut self, batch: &mut Vec<Box<dyn Act>>, queue: &mut Queue) -> Result<(), String> {
        let max = self.options.max_batch.max(1);
        let done = match self.connect() {
            Ok(connection) => commit(connection, batch, queue, max),
            Err(error) => Err(Lost {
                why: error.to_string(),
                distrust: true,
            }),
        };
        done.map_err(|lost| {
            if lost.distrust {
                self.connection = None;
                self.distrusted = true;
            }
            // Callers that have come in the meantime are told at once, instead of each waiting for
            // its own timeout.
            while batch.len() < max
                && let Some(act) = queue.next_waiting()
            {
                batch.push(act);
            }
            lost.why
        })
    }

    fn connect(&mut self) -> Result<&Connection, StoreError> {
        if self.connection.is_none() {
            let mut connection = connection::open_writing(&self.options)?;
            if self.distrusted {
                // Proves that syncs succeed again, and drops what the lost commit left in the log.
                checkpoints::truncate(&connection)?;
            }
            self.signal.watch(&mut connection)?;
            self.connection = Some(connection);
            self.distrusted = false;
        }
        self.connection.as_ref().ok_or_else(stopped)
    }

    /// Under a load that never pauses, the log is never copied completely in the background, and so
    /// never restarts. Past twice its usual size, the writer copies the rest itself: everyone in
    /// the last batch has their response already, and little is left to copy.
    fn bound_the_log(&mut self) {
        let pages = self.signal.pages();
        if pages < self.restart_at {
            return;
        }
        let Some(connection) = &self.connection else {
            return;
        };
        let usual = self.options.checkpoint_pages.max(1);
        self.restart_at = match checkpoints::restart(connection, &self.options) {
            Ok(Restart::Done) => restart_at(&self.options),
            Ok(Restart::CopiedMeanwhile) => pages.saturating_add(usual / 8).saturating_add(1),
            Ok(Restart::HeldUp) => pages.saturating_add(usual),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be restarted");
                pages.saturating_add(usual)
            }
        };
    }

    /// Readers first, so that nothing keeps the log from being folded in; the last connection to
    /// close then deletes its file, which one that only reads can't do.
    fn close(mut self) -> Result<(), StoreError> {
        self.readers.close();
        self.checkpoints.stop();
        self.connect()?;
        let Some(connection) = self.connection.take() else {
            return Err(stopped());
        };
        checkpoints::fold(&connection)?;
        connection.close().map_err(|(_, error)| failed(error))
    }
}

fn restart_at(options: &Options) -> u32 {
    options.checkpoint_pages.max(1).saturating_mul(2)
}

/// A batch that did not become durable.
struct Lost {
    why: String,
    /// After a failed sync it is unknown what the disk holds, and after a failed read what the page
    /// cache holds. Neither is trusted until the database has been reopened.
    distrust: bool,
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Lost {
        let distrust = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
        Lost {
            why: error.to_string(),
            distrust,
        }
    }
}

fn commit(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Act>>,
    queue: &mut Queue,
    max: usize,
) -> Result<(), Lost> {
    tell(connection, "BEGIN IMMEDIATE")?;
    let done = run_acts(connection, batch, queue, max)
        .and_then(|()| tell(connection, "COMMIT").map_err(Lost::from));
    if done.is_err() && !connection.is_autocommit() {
        let rolled_back = tell(connection, "ROLLBACK");
        return done.map_err(|lost| Lost {
            distrust: lost.distrust || rolled_back.is_err(),
            ..lost
        });
    }
    done
}

fn run_acts(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Act>>,
    queue: &mut Queue,
    max: usize,
) -> Result<(), Lost> {
    let mut next = 0;
    while let Some(act) = batch.get_mut(next) {
        run_act(connection, act.as_mut())?;
        next += 1;
        if next == batch.len()
            && next < max
            && let Some(act) = queue.next_waiting()
        {
            batch.push(act);
        }
    }
    Ok(())
}

fn run_act(connection: &Connection, act: &mut dyn Act) -> Result<(), Lost> {
    tell(connection, "SAVEPOINT act")?;
    let keep = act.run(connection);
    if connection.is_autocommit() {
        // Some faults, such as a full disk, roll back the whole transaction without our doing.
        let why = "SQLite rolled the transaction back".to_owned();
        return Err(Lost {
            why,
            distrust: true,
        });
    }
    if !keep {
        tell(connection, "ROLLBACK TO act")?;
    }
    tell(connection, "RELEASE act")?;
    Ok(())
}

fn tell(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
