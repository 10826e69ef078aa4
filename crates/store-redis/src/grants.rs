//! The grant's acts, driven by the loop that every shared engine has
//! ([`countersign_store::acts::shared`]); here is how a grant is laid out in Redis.

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Engine, Hint, carry_out};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::shared::{delete_codes, issue_code};
use countersign_store::grants::{
    EndCause, EndGrant, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, Redeem,
    RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState, WhatEnded,
};
use countersign_store::{ActId, COLLECT_AFTER_SECONDS, GrantId, SecretHash, StoreError};
use redis::{Pipeline, Value};

use crate::commit::Commit;
use crate::engine::Layout;
use crate::fields::values_as;
use crate::keys::Keys;
use crate::{Redis, garbage_after, grant_row, keys, parents};

#[async_trait]
impl Grants for Redis {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        issue_code(self, act, now).await
    }

    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError> {
        carry_out(self, act, Hint::Unread, now).await
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        match Engine::<Grant>::read(self, id).await? {
            Some(grant) => Ok(Some(self.view(grant).await?)),
            None => Ok(None),
        }
    }

    async fn rotate_refresh_token(
        &self,
        act: &RotateRefreshToken,
        now: i64,
    ) -> Result<RotateOutcome, StoreError> {
        let hint = match &act.hint {
            Some(grant) => Hint::Read(Some(grant.clone())),
            None => Hint::Unread,
        };
        carry_out(self, act, hint, now).await
    }

    async fn check_access_token(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError> {
        self.access_token_state(check, now).await
    }

    async fn insert_access_token(
        &self,
        token: &NewAccessToken,
        _now: i64,
    ) -> Result<(), StoreError> {
        self.insert_row(token).await
    }

    async fn end_grant(
        &self,
        id: &GrantId,
        client_id: Option<&str>,
        cause: EndCause,
        now: i64,
    ) -> Result<EndGrantOutcome, StoreError> {
        let act = EndGrant {
            grant: *id,
            client_id: client_id.map(str::to_owned),
            cause,
        };
        carry_out(self, &act, Hint::Unread, now).await
    }

    async fn deny_access_token(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        self.deny(jti, until, now).await
    }

    /// One grant after the other: a code that is issued meanwhile may remain.
    async fn delete_all_codes(&self, now: i64) -> Result<u64, StoreError> {
        let mut reads = redis::pipe();
        for partition in 0..keys::PARTITIONS {
            reads.zrange(self.keys.unused_codes(partition), 0, -1);
        }
        let unused: Vec<Vec<String>> = self.read(&reads).await?;
        let unused = unused.into_iter().flatten().map(|id| {
            id.parse::<GrantId>()
                .map_err(|_| StoreError::corrupt("index of unused codes", "", "it names no grant"))
        });
        let deleted = delete_codes(self, unused.collect::<Result<_, _>>()?, now).await?;
        self.tell(&Event::new(EventKind::CodesDeleted, now)).await?;
        Ok(deleted)
    }
}

impl Redis {
    /// What of the grant has ended, the grant itself first.
    pub(crate) async fn view(&self, grant: Grant) -> Result<GrantView, StoreError> {
        let what_ended = match grant.ended {
            Some(ended) => Some(WhatEnded::Grant(ended.cause)),
            None => self.ended_parent(&grant).await?,
        };
        Ok(GrantView { grant, what_ended })
    }
}

impl Layout for Grant {
    const NAME: &'static str = "grant";

    fn reads(keys: &Keys, id: &GrantId) -> Pipeline {
        let mut reads = redis::pipe();
        reads.hgetall(keys.grant(id)).get(keys.successor(id));
        reads
    }

    fn found(id: &GrantId, values: Vec<Value>) -> Result<Option<Grant>, StoreError> {
        let (fields, sealed) = values_as(Self::NAME, values)?;
        grant_row::read(id, fields, sealed)
    }

    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<Commit, StoreError> {
        let grant = &change.record;
        let id = &grant.id;
        let partition = keys::partition(id.as_bytes());
        let mut commit = Commit::of(keys.grant(id), before);
        commit.replace(keys.grant(id), &grant_row::fields(grant)?);
        commit.expire(keys.grant(id), grant.keep_until);
        commit.run("DEL", keys.successor(id), &[]);
        let family = grant.refresh.as_ref();
        if let Some(known) = family.and_then(|family| family.predecessor.as_ref())
            && !known.sealed_successor.is_empty()
        {
            let goes = garbage_after(known.grace_until).to_string().into_bytes();
            let arguments = [known.sealed_successor.clone(), b"PXAT".to_vec(), goes];
            commit.run("SET", keys.successor(id), &arguments);
        }
        let index = keys.unused_codes(partition);
        let member = id.to_string().into_bytes();
        match grant.origin.voucher().filter(|_| grant.has_unused_code()) {
            Some(code) => {
                let stale = grant.created_at.saturating_sub(COLLECT_AFTER_SECONDS);
                let stale = format!("({stale}").into_bytes();
                commit.run(
                    "ZREMRANGEBYSCORE",
                    index.clone(),
                    &[b"-inf".to_vec(), stale],
                );
                let end = code.expires_at.to_string().into_bytes();
                commit.run("ZADD", index, &[end, member]);
            }
            None => commit.run("ZREM", index, &[member]),
        }
        if let Some(token) = &change.access_token {
            commit.mint(keys.access_token_of_grant(id, &token.hash), token);
        }
        commit.tell(keys.events(partition), change.event.as_ref());
        Ok(commit)
    }

    fn ask_parents(&self, keys: &Keys, reads: &mut Pipeline) {
        parents::ask(self, keys, reads);
    }

    fn ended_parent(&self, values: Vec<Value>) -> Result<Option<WhatEnded>, StoreError> {
        parents::ended_parent(self, values)
    }
}
