//! Connections that only read. A point read takes microseconds, so it runs where it is asked for.

use countersign_store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{Options, connection};

pub(super) struct Readers {
    options: Options,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn open(options: &Options) -> Result<Readers, StoreError> {
        let idle = (0..options.readers.max(1))
            .map(|_| connection::open_reading(options))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Readers {
            options: options.clone(),
            idle: Mutex::new(idle),
        })
    }

    /// Lends a connection to `read`; with all of them lent, one more is opened rather than waited for.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reading(&self.options)?,
        };
        let result = read(&connection);
        if matches!(result, Err(StoreError::Unavailable(_))) {
            return result; // and the connection goes: after an I/O error its cache is not believed
        }
        let mut idle = self.idle.lock();
        if idle.len() < self.options.readers.max(1) {
            idle.push(connection);
        }
        result
    }

    pub(super) fn close(&self) {
        self.idle.lock().clear();
    }
}
