//! The log: one line of text or one JSON object per event, on standard error. Secrets never reach it, because their types
//! print as redacted and no event holds a request's query or body.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::configuration::{LogFormat, Logging};

/// Starts logging for the whole process; a second call changes nothing. A panic becomes an event too.
///
/// # Errors
/// Which part of `level` can't be read.
pub fn start(logging: &Logging) -> Result<(), String> {
    let filter = EnvFilter::try_new(&logging.level).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An error says that somebody started logging before, a test for instance.
    _ = match logging.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    log_panics();
    Ok(())
}

fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "a part of the server panicked");
    }));
}
