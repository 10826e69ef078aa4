//! The log: one line of text or one JSON object per event, on standard error. Secrets never reach
//! it, because their types print as redacted and no event holds a request's query or body.

use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::configuration::{LogFormat, Logging};
use crate::surroundings::Stream;

/// Makes `log` the log of the whole process, unless it has one. A panic becomes an event too.
pub fn start_for_process(log: Dispatch) {
    // An error means that logging has already been started.
    if log.try_init().is_ok() {
        log_panics();
    }
}

/// A log that writes to `errors`.
#[must_use]
pub fn dispatch(logging: &Logging, errors: Stream) -> Dispatch {
    let is_terminal = errors.is_terminal;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(logging.level.as_str()))
        .with_writer(move || errors.clone())
        .with_ansi(is_terminal);
    match logging.format {
        LogFormat::Text => builder.into(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .into(),
    }
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
