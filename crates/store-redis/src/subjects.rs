//! Subjects: epoch and status, under a name that no client has.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::subjects::{Status, Subject, Subjects};
use countersign_store::{Epoch, StoreError};
use redis::Script;

use crate::fields::{Fields, NewFields};
use crate::{Redis, grants, keys};

static CREATE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("subjects/create.lua")));
static END: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("subjects/end.lua")));

#[async_trait]
impl Subjects for Redis {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        let mut call = CREATE.key(self.keys.principal(sub));
        call.key(self.keys.subject(sub));
        let fields = NewFields::default()
            .blob("epoch", epoch.as_bytes())
            .text("status", Status::Active.as_str());
        grants::fields(&mut call, &fields);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "created" => Ok(true),
            "taken" => Ok(false),
            _ => reply.unexpected(),
        }
    }

    async fn subject(&self, sub: &str) -> Result<Option<Subject>, StoreError> {
        let mut reads = redis::pipe();
        reads.hgetall(self.keys.subject(sub));
        let (fields,): (HashMap<String, Vec<u8>>,) = self.read(&reads).await?;
        let Some(fields) = Fields::of("subject", sub, fields) else {
            return Ok(None);
        };
        Ok(Some(Subject {
            sub: sub.to_owned(),
            epoch: Epoch::from_bytes(fields.bytes("epoch")?),
            status: Status::parse(fields.text("status")?)
                .ok_or_else(|| fields.corrupt("its status is unknown"))?,
        }))
    }

    async fn end_subject(
        &self,
        sub: &str,
        epoch: Epoch,
        status: Status,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut call = END.key(self.keys.subject(sub));
        call.key(self.keys.events(keys::partition(sub.as_bytes())))
            .arg(now)
            .arg(sub)
            .arg(epoch.as_bytes().as_slice())
            .arg(status.as_str());
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "ended" => Ok(true),
            "unknown" => Ok(false),
            _ => reply.unexpected(),
        }
    }
}
