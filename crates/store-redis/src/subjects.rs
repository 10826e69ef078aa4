//! Subjects: epoch and status, under a name that no client has.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::standing::{
    StandingChange, StandingDecision, StandingOutcome, Status, decide_standing,
};
use countersign_store::subjects::{FORMAT, Subject, Subjects};
use countersign_store::{Epoch, StoreError};
use redis::Script;

use crate::fields::{Fields, NewFields};
use crate::{Redis, grants, keys};

static CREATE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("subjects/create.lua")));
static CHANGE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("subjects/change_standing.lua")));
static DELETE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("subjects/delete.lua")));

#[async_trait]
impl Subjects for Redis {
    async fn create_subject(&self, sub: &str, epoch: Epoch, _now: i64) -> Result<bool, StoreError> {
        let mut call = CREATE.key(self.keys.principal(sub));
        call.key(self.keys.subject(sub));
        let fields = NewFields::default()
            .integer("format", FORMAT)
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
        fields.known_format(FORMAT)?;
        Ok(Some(Subject {
            sub: sub.to_owned(),
            epoch: Epoch::from_bytes(fields.bytes("epoch")?),
            status: Status::parse(fields.text("status")?)
                .ok_or_else(|| fields.corrupt("its status is unknown"))?,
        }))
    }

    async fn change_subject_standing(
        &self,
        sub: &str,
        change: &StandingChange,
        now: i64,
    ) -> Result<StandingOutcome, StoreError> {
        loop {
            let current = self.subject(sub).await?.map(|subject| subject.standing());
            let (current, standing) = match (current, decide_standing(current, change)) {
                (Some(current), StandingDecision::Write(standing)) => (current, standing),
                (_, StandingDecision::Keep(outcome)) => return Ok(outcome),
                (None, StandingDecision::Write(_)) => return Ok(StandingOutcome::Unknown),
            };
            let mut call = CHANGE.key(self.keys.subject(sub));
            call.key(self.keys.events(keys::partition(sub.as_bytes())))
                .arg(now)
                .arg(sub)
                .arg(change.of_user().as_str())
                .arg(current.epoch.as_bytes().as_slice())
                .arg(current.status.as_str())
                .arg(standing.epoch.as_bytes().as_slice())
                .arg(standing.status.as_str());
            let reply = self.act(&call).await?;
            match reply.word()?.as_str() {
                "changed" => return Ok(StandingOutcome::Changed),
                "conflict" => {}
                _ => return reply.unexpected(),
            }
        }
    }

    async fn delete_subject(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let mut call = DELETE.key(self.keys.subject(sub));
        call.key(self.keys.consents(sub))
            .key(self.keys.events(keys::partition(sub.as_bytes())))
            .arg(now)
            .arg(sub);
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "deleted" => Ok(true),
            "unknown" => Ok(false),
            _ => reply.unexpected(),
        }
    }
}
