//! PostgreSQL: the grant store, for any number of processes.
//!
//! No rule is in SQL. An act reads its record in one round trip, decides in Rust, and commits by
//! compare-and-set in a second one that also reads the parents ([`commit`]); the loop around
//! these is [`countersign_store::acts::shared`]. The records are grants, sessions with their client
//! sessions, consents, and names with the subject or the client that has them.
//!
//! Every statement is a transaction of its own and relies on nothing that was SET in its session,
//! so it works behind a pooler in transaction mode. Whether acknowledged acts are durable is
//! checked when the store connects ([`durability`]).

mod access_tokens;
mod clients;
mod commit;
mod consents;
mod durability;
mod engine;
mod events;
mod grant_row;
mod grants;
mod migrations;
mod principals;
mod session_row;
mod sessions;
mod statements;
mod subjects;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::random::{Random, SystemRandom};
use countersign_store::StoreError;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::NoTls;
use tokio_postgres::config::TargetSessionAttrs;

/// How to reach a database. [`Options::new`] has the defaults.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user@host:port/database`; with `?options=-c%20search_path%3Dname` for a schema
    /// of its own. TLS is not used, so the server must be on the same host or a trusted network.
    pub url: String,
    pub max_connections: usize,
    /// How long an act waits for a connection, and for the response to a statement, before it fails
    /// with [`StoreError::Unavailable`].
    pub timeout: Duration,
    /// How long an act tries again while others come first, before it fails with
    /// [`StoreError::Contended`].
    pub act_deadline: Duration,
    /// Accepts a server that may lose acknowledged writes when it crashes: then a used code or a
    /// revoked token is valid again. For tests.
    pub accept_that_acknowledged_acts_are_lost: bool,
}

impl Options {
    pub fn new(url: impl Into<String>) -> Options {
        Options {
            url: url.into(),
            max_connections: 16,
            timeout: Duration::from_secs(5),
            act_deadline: Duration::from_secs(5),
            accept_that_acknowledged_acts_are_lost: false,
        }
    }
}

/// A grant store in one PostgreSQL schema.
pub struct Postgres {
    pool: Pool,
    timeout: Duration,
    act_deadline: Duration,
    random: Arc<dyn Random>,
}

impl Postgres {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// Returns [`StoreError::NewerSchema`]; [`StoreError::UnreleasedSchema`];
    /// [`StoreError::Refused`] for an invalid URL, and for a server that may lose acknowledged
    /// writes ([`durability`]); [`StoreError::Unavailable`] if the database can't be reached.
    pub async fn connect(options: &Options) -> Result<Postgres, StoreError> {
        // The parser's message is not repeated: it may contain the password.
        let mut config = tokio_postgres::Config::from_str(&options.url)
            .map_err(|_| StoreError::Refused("not a PostgreSQL URL".to_owned()))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(options.timeout);
        }
        // A standby can show orders of events that the primary never had.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(options.max_connections.max(1))
            .wait_timeout(Some(options.timeout))
            .create_timeout(Some(options.timeout))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let store = Postgres {
            pool,
            timeout: options.timeout,
            act_deadline: options.act_deadline,
            random: Arc::new(SystemRandom),
        };
        let mut connection = store.connection().await?;
        if !options.accept_that_acknowledged_acts_are_lost {
            durability::judge(&connection).await?;
        }
        migrations::apply(&mut connection).await?;
        drop(connection);
        Ok(store)
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool
            .get()
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}
