//! What the loop of every shared engine ([`countersign_store::acts::shared`]) needs from Redis,
//! once for all records. Only how a record is laid out differs ([`Layout`]).

use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::{Random, SystemRandom};
use countersign_store::access_tokens::NewAccessToken;
use countersign_store::acts::shared::{Engine, Fate, Parents};
use countersign_store::acts::{Change, Record};
use countersign_store::grants::WhatEnded;
use countersign_store::{ActId, StoreError};
use redis::aio::ConnectionLike;
use redis::{Pipeline, RedisError, Value};

use crate::commit::Commit;
use crate::keys::Keys;
use crate::{Redis, failed};

/// Where a record is, and what its parents are.
pub(crate) trait Layout: Record {
    /// What the record is called in an error.
    const NAME: &'static str;

    /// Reads that find the record.
    fn reads(keys: &Keys, key: &Self::Key) -> Pipeline;

    /// The record from the values of these reads, in their order.
    fn found(key: &Self::Key, values: Vec<Value>) -> Result<Option<Self>, StoreError>;

    /// What writes the record, its token and its event.
    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<Self>,
    ) -> Result<Commit, StoreError>;

    /// Reads of whatever is above the record. Each parent is in a partition of its own.
    fn ask_parents(&self, _keys: &Keys, _reads: &mut Pipeline) {}

    /// What of the parents has ended, from the values of these reads.
    fn ended_parent(&self, _values: Vec<Value>) -> Result<Option<WhatEnded>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl<R: Layout> Engine<R> for Redis {
    async fn read(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        let values = self.read(&R::reads(&self.keys, key)).await?;
        R::found(key, values)
    }

    /// One round trip: the parents' reads follow the script on the same connection, so that they
    /// come after it.
    async fn commit(&self, before: Option<ActId>, change: &Change<R>) -> Result<Fate, StoreError> {
        let mut commands = redis::pipe();
        commands.add_command(R::commit(&self.keys, before, change)?.command());
        change.record.ask_parents(&self.keys, &mut commands);
        let count = commands.cmd_iter().count();
        let mut connection = self.connection.clone();
        let mut values = match connection.req_packed_commands(&commands, 0, count).await {
            Ok(values) => values.into_iter(),
            Err(error) => return Ok(Fate::Unknown(failed(error))),
        };
        match values.next() {
            Some(Value::Int(1)) => Ok(Fate::Written(
                match change.record.ended_parent(values.collect()) {
                    Ok(what_ended) => Parents::Read(what_ended),
                    Err(_) => Parents::Unread,
                },
            )),
            Some(Value::Int(0)) => Ok(Fate::Conflict),
            Some(Value::ServerError(error)) => {
                let error = RedisError::from(error);
                match was_not_run(&error) {
                    true => Err(failed(error)),
                    false => Ok(Fate::Unknown(failed(error))),
                }
            }
            _ => Ok(Fate::Unknown(StoreError::Unavailable(
                "the commit's script returned what it never returns".to_owned(),
            ))),
        }
    }

    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        self.insert_row(token).await
    }

    async fn parents(&self, key: &R::Key) -> Result<Option<WhatEnded>, StoreError> {
        match Engine::<R>::read(self, key).await? {
            Some(record) => self.ended_parent(&record).await,
            None => Err(StoreError::corrupt(
                R::NAME,
                "",
                "it was deleted while an act was about it",
            )),
        }
    }

    fn random(&self) -> &dyn Random {
        &SystemRandom
    }

    fn act_deadline(&self) -> Duration {
        self.act_deadline
    }
}

impl Redis {
    /// What above a record has ended.
    pub(crate) async fn ended_parent<R: Layout>(
        &self,
        record: &R,
    ) -> Result<Option<WhatEnded>, StoreError> {
        let mut reads = redis::pipe();
        record.ask_parents(&self.keys, &mut reads);
        let values = match reads.is_empty() {
            true => Vec::new(),
            false => self.read(&reads).await?,
        };
        record.ended_parent(values)
    }
}

/// Whether the server refused a command before it did anything. Any other error may come from the
/// middle of a script, which is not rolled back.
fn was_not_run(error: &RedisError) -> bool {
    const REFUSALS: [&str; 14] = [
        "ASK",
        "BUSY",
        "CLUSTERDOWN",
        "CROSSSLOT",
        "LOADING",
        "MASTERDOWN",
        "MISCONF",
        "MOVED",
        "NOAUTH",
        "NOPERM",
        "NOREPLICAS",
        "OOM",
        "READONLY",
        "TRYAGAIN",
    ];
    error.code().is_some_and(|code| REFUSALS.contains(&code))
}
