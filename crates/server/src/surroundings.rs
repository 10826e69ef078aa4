//! What a command line runs in: the environment, the folder, the standard streams, the log, and who
//! says when to stop.
//!
//! `main` hands in the process's own, and only this file touches them. Everyone else, a test above
//! all, hands in others and runs as many command lines in one process as they like.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_web::clock::{Clock, SystemClock};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::configuration::Environment;
use crate::listen::termination_signal;

/// Everything that a run takes from outside.
pub struct Surroundings {
    /// The environment's names and values.
    pub environment: Environment,
    /// What relative paths are relative to; empty means the process's current folder.
    pub folder: PathBuf,
    /// Who runs it, by the operating system's name or number.
    pub os_user: String,
    pub input: Input,
    /// Results.
    pub output: Stream,
    /// Everything else: failures, warnings, the log.
    pub errors: Stream,
    pub log: LogScope,
    pub shutdown: Shutdown,
}

/// Standard input.
pub struct Input {
    pub reader: Box<dyn Read + Send>,
    /// Whether there is someone to ask.
    pub is_terminal: bool,
}

/// Standard output or standard error. Clones write to the same place.
#[derive(Clone)]
pub struct Stream {
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    pub is_terminal: bool,
}

/// Whose events the log of a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogScope {
    /// All of the process's, panics included.
    Process,
    /// Those of the run's own threads.
    Run,
}

/// When a server is to end.
#[derive(Debug, Clone)]
pub enum Shutdown {
    /// At SIGTERM or SIGINT; at a second one at once.
    AtSignal,
    /// Once its [`StopHandle`] says so or is dropped.
    ByHandle(watch::Receiver<bool>),
}

/// Ends the servers that hold its other half.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<bool>);

impl Surroundings {
    /// The process's own.
    #[must_use]
    pub fn of_the_process() -> Self {
        Self {
            environment: environment(),
            folder: PathBuf::new(),
            os_user: os_user(),
            input: Input {
                is_terminal: io::stdin().is_terminal(),
                reader: Box::new(io::stdin()),
            },
            output: Stream::new(io::stdout(), io::stdout().is_terminal()),
            errors: Stream::standard_error(),
            log: LogScope::Process,
            shutdown: Shutdown::AtSignal,
        }
    }

    /// Where a path leads from here.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The folder's whole name, for people.
    #[must_use]
    pub fn folder_name(&self) -> String {
        let folder = match self.folder.as_os_str().is_empty() {
            true => std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            false => self.folder.clone(),
        };
        folder.display().to_string()
    }
}

impl Stream {
    /// The process's own standard error.
    #[must_use]
    pub fn standard_error() -> Self {
        Self::new(io::stderr(), io::stderr().is_terminal())
    }

    #[must_use]
    pub fn new(writer: impl Write + Send + 'static, is_terminal: bool) -> Self {
        Self {
            writer: Arc::new(Mutex::new(Box::new(writer))),
            is_terminal,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.lock().write(bytes)
    }

    /// Whole, so that lines of several threads don't mix.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.lock().write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.lock().flush()
    }
}

impl Shutdown {
    /// A shutdown and the handle that asks for it.
    #[must_use]
    pub fn by_handle() -> (StopHandle, Self) {
        let (sender, receiver) = watch::channel(false);
        (StopHandle(sender), Self::ByHandle(receiver))
    }

    /// Completes when the server is to end.
    pub async fn requested(self) {
        match self {
            Self::AtSignal => termination_signal().await,
            // An error means that the handle is gone, and with it any way to stop us later.
            Self::ByHandle(mut stopped) => _ = stopped.wait_for(|stopped| *stopped).await,
        }
    }
}

impl StopHandle {
    /// Asks for the end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// The user that the process runs as: the name of its number in /etc/passwd, else the number.
fn os_user() -> String {
    let id = rustix::process::geteuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or(id)
}

/// The machine's clock in Unix seconds: a command is an edge that owns one.
#[must_use]
pub fn now() -> i64 {
    SystemClock::new().now()
}

/// Names and values that are not UTF-8 are not ours.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
