//! PostgreSQL: the grant store, one round trip per act where that is possible.
//!
//! An act on a grant is one statement. Its first CTE locks the grant's row, and what the act decides
//! rests on what that returned and on nothing else: under READ COMMITTED the other branches of the
//! statement see the snapshot of its beginning, the locked row alone is the newest one. Parents are
//! compared by a second statement, sent right behind the first without waiting for its answer; it
//! has a snapshot of its own, taken after the first was committed.
//! <https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED>

mod access_tokens;
mod clients;
mod consents;
mod grant_row;
mod grants;
mod migrations;
mod sessions;
mod statements;
mod subjects;

use std::str::FromStr;
use std::time::Duration;

use countersign_store::StoreError;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::NoTls;

/// How to reach a database. [`Options::new`] has the defaults.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user@host:port/database`; a schema of one's own by
    /// `?options=-c%20search_path%3Dname`. Without TLS: for the same host or a trusted network.
    pub url: String,
    pub max_connections: usize,
    /// How long an act waits for a connection, and a statement for a lock, before it is answered
    /// [`StoreError::Unavailable`].
    pub timeout: Duration,
}

impl Options {
    pub fn new(url: impl Into<String>) -> Options {
        Options {
            url: url.into(),
            max_connections: 16,
            timeout: Duration::from_secs(5),
        }
    }
}

/// A grant store in one PostgreSQL schema.
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`]; [`StoreError::Refused`] for a URL that is none;
    /// [`StoreError::Unavailable`] where the database can't be reached.
    pub async fn connect(options: &Options) -> Result<Postgres, StoreError> {
        // What is wrong with a URL is not repeated: it may hold a password.
        let config = tokio_postgres::Config::from_str(&options.url)
            .map_err(|_| StoreError::Refused("not a PostgreSQL URL".to_owned()))?;
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config, NoTls, recycling);
        let session = session_settings(options.timeout);
        let pool = Pool::builder(manager)
            .max_size(options.max_connections.max(1))
            .wait_timeout(Some(options.timeout))
            .create_timeout(Some(options.timeout))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                let session = session.clone();
                Box::pin(async move {
                    client
                        .batch_execute(&session)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let store = Postgres { pool };
        migrations::apply(&mut *store.connection().await?).await?;
        Ok(store)
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool
            .get()
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// An answer means that a commit is on disk, whatever the server's defaults say.
fn session_settings(timeout: Duration) -> String {
    let timeout = timeout.as_millis();
    format!(
        "SET synchronous_commit = on;
         SET default_transaction_isolation = 'read committed';
         SET jit = off;
         SET lock_timeout = {timeout};
         SET statement_timeout = {timeout};
         SET idle_in_transaction_session_timeout = {timeout};"
    )
}
