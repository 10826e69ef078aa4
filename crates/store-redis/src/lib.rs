//! Redis for the grant store: one Lua script per act, on the one key that decides.
//!
//! A script is atomic on the keys of one hash slot, so an act touches one *partition*: the one that
//! its record's own id falls into ([`keys`]), with that partition's outbox stream. The parents of a
//! grant lie in other partitions. Their epochs are read after the act, in one go, and compared: an
//! ending that was answered before the act began is seen, and one that came later ends what the act
//! made (`countersign_store`'s documentation). Issuing a code is three such steps (client session,
//! consent, grant), in the order in which one that stops midway leaves nothing that is accepted.
//!
//! Every record that can grow old carries a PEXPIREAT an hour after the last instant at which it
//! could be accepted. It collects garbage; what is accepted is decided by the caller's clock alone.
//! <https://redis.io/docs/latest/develop/interact/programmability/eval-intro/>
//!
//! What an act answered is durable only where every write reaches the disk first, and a used code
//! must not be evicted: [`Redis::connect`] refuses a server that is not set up so ([`durability`]).
//! A failover to an asynchronous replica can still lose what was answered in the last moments.
//!
//! Not here: accounts, keys, settings and the rest of [`countersign_store::Store`]; a reader of the
//! outbox ([`Redis::outbox`] names the streams), who also trims it; Redis Cluster, for which the keys
//! are laid out.

mod access_tokens;
mod clients;
mod consents;
pub mod durability;
mod fields;
mod grant_row;
mod grants;
pub mod keys;
mod parents;
mod replies;
mod sessions;
mod subjects;

use std::time::Duration;

use countersign_store::{COLLECT_AFTER_SECONDS, StoreError};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, Pipeline, RedisError, ScriptInvocation};

use keys::Keys;
use replies::Reply;

/// How to reach a Redis. [`Options::new`] has the defaults.
#[derive(Clone)]
pub struct Options {
    /// `redis://user:password@host:port/database`. Without TLS: for the same host or a trusted
    /// network.
    pub url: String,
    /// What every key begins with; one prefix is one deployment. Letters, digits, `-`, `_`, `.`.
    pub prefix: String,
    /// How long an act waits for its answer before it is answered [`StoreError::Unavailable`].
    pub timeout: Duration,
    /// How long an act tries again while others come first, before it is
    /// [`StoreError::Contended`].
    pub act_deadline: Duration,
    /// Takes a Redis that may forget what it has answered when it stops: a used code is good again,
    /// a revoked token lives on. For tests.
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
    /// Connects, and looks at how the server keeps what it is told.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a URL or a prefix that is none, and for a server that evicts or
    /// forgets ([`durability::judge`]); [`StoreError::Unavailable`] where it can't be reached.
    pub async fn connect(options: &Options) -> Result<Redis, StoreError> {
        let keys = Keys::new(&options.prefix)?;
        // What is wrong with a URL is not repeated: it may hold a password.
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

    /// The streams to which acts append their events, one for each partition.
    pub fn outbox(&self) -> impl Iterator<Item = String> {
        (0..keys::PARTITIONS).map(|partition| self.keys.events(partition))
    }

    /// Runs an act. It is never sent twice: one whose answer was lost may have happened.
    async fn act(&self, act: &ScriptInvocation<'_>) -> Result<Reply, StoreError> {
        let mut connection = self.connection.clone();
        let reply = act.invoke_async(&mut connection).await;
        reply.map(Reply::new).map_err(failed)
    }

    /// Sends reads in one go; each sees everything that was answered before.
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
    match error.code() {
        // A full or a read-only server refuses by its own rules.
        Some("OOM" | "READONLY" | "MISCONF" | "NOPERM" | "NOREPLICAS") => {
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
