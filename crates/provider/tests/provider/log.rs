//! What a test's own thread logs, at the finest level.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The log of this thread for as long as the value lives.
pub struct Log {
    written: Written,
    _guard: DefaultGuard,
    /// With a single dispatcher in the process an event's first meeting decides for all threads
    /// whether it is wanted, and that may be a neighbouring test's. A second one has each asked.
    _second: tracing::Dispatch,
}

impl Log {
    pub fn start() -> Log {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(written.clone())
            .with_ansi(false)
            .finish();
        Log {
            written,
            _second: tracing::Dispatch::new(tracing_subscriber::registry()),
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was logged since the last call.
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.written.0.lock().expect("not poisoned"));
        String::from_utf8(bytes).expect("UTF-8")
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Written;

    fn make_writer(&'a self) -> Written {
        self.clone()
    }
}
