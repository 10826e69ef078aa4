//! Redis for the grant store, for any number of processes.
//!
//! No rule is in Lua. An act reads its record, decides in Rust, and commits by compare-and-set
//! ([`countersign_store::acts::shared`] has the loop). The commit is one short script, the same for
//! every record, and all of its keys are in one hash slot: an act touches one *partition*, the one
//! of its record's own id ([`keys`]), with that partition's outbox stream. The parents of a grant
//! are in other partitions. They are read after the commit, on the same connection. Issuing a code
//! is three such acts (client session, consent, grant), in an order in which stopping midway leaves
//! nothing that is accepted.
//!
//! Every record that can expire has a PEXPIREAT an hour after the last instant at which it could be
//! accepted. It only collects garbage; the caller's clock alone decides what is accepted.
//!
//! An acknowledged act is durable only if every write reaches the disk first, and a used code must
//! not be evicted: [`Redis::connect`] refuses a server that is not configured for that
//! ([`durability`]). A server whose memory is full still carries out endings, and refuses other
//! acts. A failover to an asynchronous replica can lose what was acknowledged in the last moments.
//!
//! Not here: accounts, keys, settings and the rest of [`countersign_store::Store`]; a reader of the
//! outbox ([`Redis::outbox`] names the streams); Redis Cluster, for which the keys are laid out.
#![cfg(feature = "redis")]

mod access_tokens;
mod clients;
mod commit;
mod consents;
pub mod durability;
mod engine;
mod events;
mod fields;
mod grant_row;
mod grants;
pub mod keys;
mod parents;
mod principals;
mod session_row;
mod sessions;
mod subjects;

use std::time::Duration;

use countersign_store::{COLLECT_AFTER_SECONDS, StoreError};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, Pipeline, RedisError};

use keys::Keys;

/// How to reach a Redis. [`Options::new`] has the defaults.
#[derive(Clone)]
pub struct Options {
    /// `redis://user:password@host:port/database`. TLS is not used, so the server must be on the
    /// same host or a trusted network.
    pub url: String,
    /// What every key begins with; one prefix is one deployment. Letters, digits, `-`, `_`, `.`.
    pub prefix: String,
    /// How long a command waits for its reply before the act fails with
    /// [`StoreError::Unavailable`], or is looked for in its record.
    pub timeout: Duration,
    /// How long an act tries again while others come first, before it fails with
    /// [`StoreError::Contended`].
    pub act_deadline: Duration,
    /// Accepts a server that may lose acknowledged writes when it stops: then a used code or a
    /// revoked token is valid again. For tests.
    pub accept_that_acknowledged_acts_are_lost: bool,
}

impl Options {
    pub fn new(url: impl Into<String>) -> Options {
        Options {
            url: url.into(),
            prefix: "cs".to_owned(),
            timeout: Duration::from_secs(5),
            act_deadline: Duration::from_secs(5),
            accept_that_acknowledged_acts_are_lost: false,
        }
    }
}

/// A grant store under one prefix of a Redis.
pub struct Redis {
    connection: ConnectionManager,
    keys: Keys,
    act_deadline: Duration,
}

impl Redis {
    /// Connects, and checks whether the server keeps what it acknowledges.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] for an invalid URL or prefix, and for a server that evicts
    /// or loses writes ([`durability::judge`]); [`StoreError::Unavailable`] if it can't be reached.
    pub async fn connect(options: &Options) -> Result<Redis, StoreError> {
        let keys = Keys::new(&options.prefix)?;
        // The parser's message is not repeated: it may contain the password.
        let client = redis::Client::open(options.url.as_str())
            .map_err(|_| StoreError::Refused("not a Redis URL".to_owned()))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(options.timeout))
            .set_response_timeout(Some(options.timeout))
            .set_number_of_retries(2);
        let connection = ConnectionManager::new_with_config(client, config).await;
        let redis = Redis {
            connection: connection.map_err(failed)?,
            keys,
            act_deadline: options.act_deadline,
        };
        let settings = redis.durability_settings().await?;
        durability::judge(&settings, options.accept_that_acknowledged_acts_are_lost)?;
        Ok(redis)
    }

    /// Sends reads in one go; each sees everything that was acknowledged before.
    async fn read<T: FromRedisValue>(&self, reads: &Pipeline) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        reads.query_async(&mut connection).await.map_err(failed)
    }
}

/// The instant, in milliseconds, after which a record that could be accepted before `end` is
/// garbage.
fn garbage_after(end: i64) -> i64 {
    /// The end of the year 9999: an act must not fail over an instant that Redis can't hold.
    const LAST: i64 = 253_402_300_799;
    end.saturating_add(COLLECT_AFTER_SECONDS).clamp(1, LAST) * 1000
}

fn failed(error: RedisError) -> StoreError {
    // In a pipeline, each command has an error of its own.
    let several = error.clone().into_server_errors();
    let first = several.as_ref().and_then(|errors| errors.first());
    match first.map(|(_, error)| error.code()).or(error.code()) {
        Some("OOM") => StoreError::Refused(format!("Redis has no memory left: {error}")),
        // The server is configured to refuse writes.
        Some("READONLY" | "MISCONF" | "NOPERM" | "NOREPLICAS") => {
            StoreError::Refused(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::garbage_after;

    #[test]
    fn garbage_is_an_hour_past_its_end_however_far_that_is() {
        assert_eq!(garbage_after(1_000), 4_600_000);
        assert_eq!(garbage_after(i64::MAX), 253_402_300_799_000);
        assert_eq!(garbage_after(i64::MIN), 1_000);
    }
}
