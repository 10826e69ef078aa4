//! Grants: the loop that every shared engine has drives them ([`countersign_store::acts::shared`]);
//! here are a grant's reads and its compare-and-set.

use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::Random;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::acts::Change;
use countersign_store::acts::shared::{Engine, Fate, Hint, Parents, carry_out};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::shared::{JoinParents, delete_codes, issue_code};
use countersign_store::grants::{
    Dead, EndCause, EndGrant, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome,
    Joined, Redeem, RedeemOutcome, RotateOutcome, RotateRefreshToken, TokenState,
};
use countersign_store::{ActId, COLLECT_AFTER_SECONDS, GrantId, SecretHash, StoreError};
use redis::{Script, ScriptInvocation};

use crate::fields::NewFields;
use crate::{Redis, access_tokens, failed, garbage_after, grant_row, keys};

static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("grants/commit.lua")));

#[async_trait]
impl Grants for Redis {
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        issue_code(self, act, now).await
    }

    async fn redeem(&self, act: &Redeem, now: i64) -> Result<RedeemOutcome, StoreError> {
        carry_out(self, act, Hint::Unread, now).await
    }

    async fn grant(&self, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
        match self.row(id).await? {
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

    /// A partition at a time: a code that is issued meanwhile may be spared.
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
        let mut told = redis::pipe();
        told.cmd("XADD").arg(self.keys.events(0)).arg("*");
        let event = Event::new(EventKind::CodesDeleted, now);
        for part in told_fields(&event).as_args() {
            told.arg(part);
        }
        let _id: (String,) = self.read(&told).await?;
        Ok(deleted)
    }
}

#[async_trait]
impl Engine<Grant> for Redis {
    async fn read(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.row(id).await
    }

    async fn commit(
        &self,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<Fate, StoreError> {
        let mut call = COMMIT.prepare_invoke();
        self.write(&mut call, before, change)?;
        let mut connection = self.connection.clone();
        match call.invoke_async::<i64>(&mut connection).await {
            Ok(0) => Ok(Fate::Conflict),
            Ok(_) => Ok(Fate::Written(Parents::Unread)),
            // A server that answers with an error has not run the script.
            Err(error) if error.code().is_some() => Err(failed(error)),
            Err(error) => Ok(Fate::Unknown(failed(error))),
        }
    }

    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        self.insert_row(token).await
    }

    async fn parents(&self, id: &GrantId) -> Result<Option<Dead>, StoreError> {
        match self.row(id).await? {
            Some(grant) => self.dead_parent(&grant).await,
            None => Err(StoreError::corrupt(
                "grant",
                id,
                "it went while an act was about it",
            )),
        }
    }

    fn random(&self) -> &dyn Random {
        &countersign_jose::random::SystemRandom
    }

    fn act_deadline(&self) -> Duration {
        self.act_deadline
    }
}

#[async_trait]
impl JoinParents for Redis {
    async fn join_parents(&self, act: &IssueCode, now: i64) -> Result<Joined, StoreError> {
        let session = self
            .join_session(&act.joins, &act.grant.client_id, now)
            .await?;
        Ok(Joined {
            sid: session.sid,
            client_session_epoch: session.epoch,
            consent_epoch: self.take_consent_step(act, now).await?,
        })
    }
}

impl Redis {
    /// The row alone, with what it may hand over.
    pub(crate) async fn row(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        let mut reads = redis::pipe();
        reads
            .hgetall(self.keys.grant(id))
            .get(self.keys.successor(id));
        let (fields, sealed) = self.read(&reads).await?;
        grant_row::read(id, fields, sealed)
    }

    fn write(
        &self,
        call: &mut ScriptInvocation<'_>,
        before: Option<ActId>,
        change: &Change<Grant>,
    ) -> Result<(), StoreError> {
        let grant = &change.record;
        let id = &grant.id;
        let partition = keys::partition(id.as_bytes());
        let token = change.access_token.as_ref();
        let unused = grant.origin.voucher().filter(|_| grant.has_unused_code());
        let family = grant.refresh.as_ref();
        let predecessor = family.and_then(|family| family.predecessor.as_ref());
        call.key(self.keys.grant(id))
            .key(self.keys.successor(id))
            .key(self.keys.unused_codes(partition))
            .key(self.keys.events(partition))
            // A script is always told one.
            .key(token.map_or_else(
                || self.keys.grant(id),
                |token| self.keys.access_token_of_grant(id, &token.hash),
            ))
            .arg(before.map_or_else(Vec::new, |before| before.as_bytes().to_vec()))
            .arg(id.to_string())
            .arg(garbage_after(grant.keep_until))
            .arg(predecessor.map_or(&[][..], |predecessor| &predecessor.sealed_successor[..]))
            .arg(predecessor.map_or(0, |predecessor| garbage_after(predecessor.grace_until)))
            .arg(unused.map_or_else(String::new, |code| code.expires_at.to_string()))
            .arg(grant.created_at.saturating_sub(COLLECT_AFTER_SECONDS))
            .arg(token.map_or(0, |token| garbage_after(token.expires_at)));
        let told = change.event.as_ref().map(told_fields).unwrap_or_default();
        let minted = token.map(access_tokens::fields).unwrap_or_default();
        for part in [grant_row::fields(grant)?, told, minted] {
            call.arg(part.as_args().len());
            fields(call, &part);
        }
        Ok(())
    }
}

fn told_fields(event: &Event) -> NewFields {
    NewFields::default()
        .text("kind", event.kind.as_str())
        .integer("at", event.at)
        .optional_text("sub", event.sub.as_deref())
        .optional_text("client_id", event.client_id.as_deref())
        .optional_text("about", event.about.as_deref())
        .optional_text("cause", event.cause)
}

pub(crate) fn fields(call: &mut ScriptInvocation<'_>, fields: &NewFields) {
    for part in fields.as_args() {
        call.arg(part.as_slice());
    }
}

/// An event's fields and values, if there is one.
pub(crate) fn event(call: &mut ScriptInvocation<'_>, event: Option<&Event>) {
    let Some(event) = event else { return };
    let fields = NewFields::default()
        .text("kind", event.kind.as_str())
        .integer("at", event.at)
        .optional_text("sub", event.sub.as_deref())
        .optional_text("client_id", event.client_id.as_deref())
        .optional_text("about", event.about.as_deref())
        .optional_text("cause", event.cause);
    self::fields(call, &fields);
}
