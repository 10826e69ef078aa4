//! Connections that only read. A point read takes microseconds, so it runs where it is asked for.

use std::time::Instant;

use countersign_store::StoreError;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::{Options, connection};

pub(super) struct Readers {
    options: Options,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Connection>,
    lent: usize,
    is_closed: bool,
}

impl Readers {
    pub(super) fn open(options: &Options) -> Result<Readers, StoreError> {
        let idle = (0..options.readers.max(1))
            .map(|_| connection::open_reading(options))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Readers {
            options: options.clone(),
            pool: Mutex::new(Pool {
                idle,
                lent: 0,
                is_closed: false,
            }),
            returned: Condvar::new(),
        })
    }

    /// Lends a connection to `read`. With all of them lent, one more is opened rather than waited
    /// for.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend()?;
        let connection = match lent.connection.take() {
            Some(connection) => connection,
            None => connection::open_reading(&self.options)?,
        };
        let result = read(&connection);
        // After an I/O error the connection's cache is not trusted, and the connection goes.
        if !matches!(result, Err(StoreError::Unavailable(_))) {
            lent.connection = Some(connection);
        }
        result
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let mut pool = self.pool.lock();
        if pool.is_closed {
            return Err(StoreError::Unavailable("the store is closed".to_owned()));
        }
        pool.lent += 1;
        Ok(Lent {
            readers: self,
            connection: pool.idle.pop(),
        })
    }

    /// Lends no more connections, and waits for those that are lent, no longer than the busy
    /// time-out.
    pub(super) fn close(&self) {
        let deadline = Instant::now() + self.options.busy_timeout;
        let mut pool = self.pool.lock();
        pool.is_closed = true;
        pool.idle.clear();
        while pool.lent > 0 {
            if self.returned.wait_until(&mut pool, deadline).timed_out() {
                tracing::warn!(
                    readers = pool.lent,
                    "the store is closed while it is being read"
                );
                return;
            }
        }
    }
}

/// A loan. It ends when this is dropped, after a panic too.
struct Lent<'r> {
    readers: &'r Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.pool.lock();
        pool.lent -= 1;
        if let Some(connection) = self.connection.take()
            && !pool.is_closed
            && pool.idle.len() < self.readers.options.readers.max(1)
        {
            pool.idle.push(connection);
        }
        self.readers.returned.notify_all();
    }
}
