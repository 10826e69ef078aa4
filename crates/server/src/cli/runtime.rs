//! The threads that a command runs on, and whose events its log has.

use tokio::runtime::Builder;
use tracing::Dispatch;

use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::configuration::Logging;
use crate::logging;
use crate::surroundings::{LogScope, Surroundings};

/// Dropping it ends its threads.
pub struct Runtime {
    runtime: tokio::runtime::Runtime,
    /// The log of this run alone; `None` if the process has one.
    log: Option<Dispatch>,
}

impl Runtime {
    /// A runtime with one thread, for a command that does one thing after another.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the operating system refuses what the runtime needs.
    pub fn of_one_thread() -> Result<Self, Failure> {
        Self::build(&mut Builder::new_current_thread(), None)
    }

    /// A runtime for a server: a thread per core, and a log on standard error.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the operating system refuses what the runtime needs.
    pub fn with_log(settings: &Logging, surroundings: &Surroundings) -> Result<Self, Failure> {
        let log = logging::dispatch(settings, surroundings.errors.clone());
        let mut builder = Builder::new_multi_thread();
        match surroundings.log {
            LogScope::Process => {
                logging::start_for_process(log);
                Self::build(&mut builder, None)
            }
            LogScope::Run => {
                let theirs = log.clone();
                builder.on_thread_start(move || {
                    // Until the thread ends, and it is the runtime's own.
                    std::mem::forget(tracing::dispatcher::set_default(&theirs));
                });
                Self::build(&mut builder, Some(log))
            }
        }
    }

    /// Runs `work` to its end.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.log {
            None => self.runtime.block_on(work),
            Some(log) => tracing::dispatcher::with_default(log, || self.runtime.block_on(work)),
        }
    }

    fn build(builder: &mut Builder, log: Option<Dispatch>) -> Result<Self, Failure> {
        let runtime = builder
            .enable_all()
            .build()
            .map_err(|error| Failure::new(ExitCode::Internal, format!("can't start: {error}.")))?;
        Ok(Self { runtime, log })
    }
}
