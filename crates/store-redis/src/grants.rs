//! Grants: issue, redeem, rotate, end. What is decided stands in the scripts, in full; here is what
//! goes in, what comes out, and the comparison of the parents that follows.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, TokenState};
use countersign_store::events::EventKind;
use countersign_store::grants::{
    Dead, EndCause, EndGrantOutcome, Grant, GrantView, Grants, IssueCode, IssueOutcome, RedeemCode,
    RedeemOutcome, RotateOutcome, RotateRefreshToken,
};
use countersign_store::{COLLECT_AFTER_SECONDS, GrantId, SecretHash, StoreError};
use redis::{Script, ScriptInvocation};

use crate::fields::NewFields;
use crate::replies::Reply;
use crate::{Redis, access_tokens, garbage_after, grant_row, keys};

static ISSUE_CODE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("grants/issue_code.lua")));
static REDEEM_CODE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("grants/redeem_code.lua")));
static ROTATE_REFRESH_TOKEN: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("grants/rotate_refresh_token.lua")));
static END_GRANT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("grants/end_grant.lua")));

#[async_trait]
impl Grants for Redis {
    /// Three steps, each in its own partition: the client session is joined, the consent recorded,
    /// the grant written. One that is no longer to be replaced is seen before the first and, where
    /// somebody comes between, by the last: then the first two have changed what the user did.
    async fn issue_code(&self, act: &IssueCode, now: i64) -> Result<IssueOutcome, StoreError> {
        if let Some(existing) = self.row(&act.grant.id).await?
            && !existing.may_be_replaced_by(act)
        {
            return Ok(IssueOutcome::AlreadyUsed);
        }
        let mut grant = act.grant.clone();
        let joined = self.join_session(&act.joins, &grant.client_id, now).await?;
        grant.authorization.sid = Some(joined.sid);
        if let Some(session) = &mut grant.parents.session {
            session.sid = joined.sid;
            session.client_session_epoch = joined.epoch;
        }
        self.take_consent_step(&mut grant, &act.consent, now)
            .await?;
        let reply = self.write(&grant, now).await?;
        let sid = joined.sid;
        match reply.word()?.as_str() {
            "issued" => Ok(IssueOutcome::Issued { sid }),
            "replaced" => Ok(IssueOutcome::Replaced { sid }),
            "already_used" => Ok(IssueOutcome::AlreadyUsed),
            _ => reply.unexpected(),
        }
    }

    async fn redeem_code(&self, act: &RedeemCode, now: i64) -> Result<RedeemOutcome, StoreError> {
        let id = &act.grant;
        let partition = keys::partition(id.as_bytes());
        let mut call = REDEEM_CODE.prepare_invoke();
        call.key(self.keys.grant(id))
            .key(self.keys.unused_codes(partition))
            .key(self.keys.events(partition));
        self.access_token_key(&mut call, id, act.access_token.as_ref());
        call.arg(now)
            .arg(id.to_string())
            .arg(act.code.as_bytes().as_slice())
            .arg(&act.client_id)
            .arg(given(act.redirect_uri.as_deref()))
            .arg(given(act.code_challenge.as_deref()))
            .arg(act.refresh.mac_key.expose().as_slice())
            .arg(act.refresh.first.as_bytes().as_slice())
            .arg(optional(act.refresh.idle_expires_at));
        access_token_fields(&mut call, act.access_token.as_ref());
        let reply = self.act(&call).await?;
        Ok(match reply.word()?.as_str() {
            "redeemed" => {
                let grant = existing(id, reply.hash(1)?, None)?;
                match self.dead_parent(&grant).await? {
                    Some(dead) => RedeemOutcome::Ended(dead),
                    None => RedeemOutcome::Redeemed(Box::new(grant)),
                }
            }
            "unknown" => RedeemOutcome::Unknown,
            "foreign_client" => RedeemOutcome::ForeignClient,
            "ended" => RedeemOutcome::Ended(dead_by(id, &reply)?),
            "used_with_wrong_proof" => RedeemOutcome::UsedWithWrongProof,
            "replayed" => RedeemOutcome::Replayed {
                used_at: reply.integer(1)?,
            },
            "expired" => RedeemOutcome::Expired {
                expired_at: reply.integer(1)?,
            },
            "burnt" => RedeemOutcome::Burnt {
                redirect_uri_matches: reply.integer(1)? == 1,
            },
            _ => return reply.unexpected(),
        })
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
        let id = &act.grant;
        let partition = keys::partition(id.as_bytes());
        let mut call = ROTATE_REFRESH_TOKEN.prepare_invoke();
        call.key(self.keys.grant(id))
            .key(self.keys.successor(id))
            .key(self.keys.unused_codes(partition))
            .key(self.keys.events(partition));
        self.access_token_key(&mut call, id, act.access_token.as_ref());
        let (hash, sealed, grace_until) = match &act.successor {
            Some(next) => (
                next.hash.as_bytes().as_slice(),
                next.sealed.as_slice(),
                next.grace_until,
            ),
            None => (&[][..], &[][..], now),
        };
        call.arg(now)
            .arg(id.to_string())
            .arg(&act.client_id)
            .arg(act.presented.as_bytes().as_slice())
            .arg(i64::from(act.of_the_family))
            .arg(hash)
            .arg(sealed)
            .arg(grace_until)
            .arg(garbage_after(grace_until))
            .arg(optional(act.idle_expires_at));
        access_token_fields(&mut call, act.access_token.as_ref());
        let reply = self.act(&call).await?;
        let outcome = match reply.word()?.as_str() {
            "rotated" => RotateOutcome::Rotated,
            "kept" => RotateOutcome::Kept,
            "repeated" => RotateOutcome::Repeated {
                sealed_successor: reply.bytes(2)?,
            },
            "unknown" => return Ok(RotateOutcome::Unknown),
            "foreign_client" => return Ok(RotateOutcome::ForeignClient),
            "ended" => return Ok(RotateOutcome::Ended(dead_by(id, &reply)?)),
            "reused" => {
                let rotated_at = reply.integer(1)?;
                return Ok(RotateOutcome::Reused { rotated_at });
            }
            "expired" => {
                let expired_at = reply.integer(1)?;
                return Ok(RotateOutcome::Expired { expired_at });
            }
            _ => return reply.unexpected(),
        };
        let grant = existing(id, reply.hash(1)?, None)?;
        Ok(match self.dead_parent(&grant).await? {
            Some(dead) => RotateOutcome::Ended(dead),
            None => outcome,
        })
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
        self.end(id, client_id, cause, false, now).await
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
        let mut deleted = 0;
        for id in unused.into_iter().flatten() {
            let id: GrantId = id.parse().map_err(|_| {
                StoreError::corrupt("index of unused codes", "", "it names no grant")
            })?;
            let cause = EndCause::DeletedByOperator;
            let outcome = self.end(&id, None, cause, true, now).await?;
            deleted += u64::from(outcome == EndGrantOutcome::Ended);
        }
        let mut told = redis::pipe();
        told.cmd("XADD")
            .arg(self.keys.events(0))
            .arg("*")
            .arg(&[("kind", EventKind::CodesDeleted.as_str())])
            .arg("at")
            .arg(now);
        let _id: (String,) = self.read(&told).await?;
        Ok(deleted)
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

    async fn write(&self, grant: &Grant, now: i64) -> Result<Reply, StoreError> {
        let id = &grant.id;
        let partition = keys::partition(id.as_bytes());
        // A code that is never used keeps no row for the grant's whole life.
        let code_expires_at = grant.code.expires_at;
        let mut call = ISSUE_CODE.prepare_invoke();
        call.key(self.keys.grant(id))
            .key(self.keys.successor(id))
            .key(self.keys.unused_codes(partition))
            .key(self.keys.events(partition))
            .arg(now)
            .arg(id.to_string())
            .arg(&grant.client_id)
            .arg(&grant.sub)
            .arg(code_expires_at)
            .arg(garbage_after(code_expires_at))
            .arg(now.saturating_sub(COLLECT_AFTER_SECONDS));
        fields(&mut call, &grant_row::fields(grant)?);
        self.act(&call).await
    }

    async fn end(
        &self,
        id: &GrantId,
        client_id: Option<&str>,
        cause: EndCause,
        only_unused: bool,
        now: i64,
    ) -> Result<EndGrantOutcome, StoreError> {
        let partition = keys::partition(id.as_bytes());
        let mut call = END_GRANT.prepare_invoke();
        call.key(self.keys.grant(id))
            .key(self.keys.unused_codes(partition))
            .key(self.keys.events(partition))
            .arg(now)
            .arg(id.to_string())
            .arg(cause.as_str())
            .arg(given(client_id))
            .arg(i64::from(only_unused));
        let reply = self.act(&call).await?;
        match reply.word()?.as_str() {
            "ended" => Ok(EndGrantOutcome::Ended),
            "already_ended" => Ok(EndGrantOutcome::AlreadyEnded),
            "foreign_client" => Ok(EndGrantOutcome::ForeignClient),
            "unknown" => Ok(EndGrantOutcome::Unknown),
            _ => reply.unexpected(),
        }
    }

    /// The key of the access token that an act writes; a script is always told one.
    fn access_token_key(
        &self,
        call: &mut ScriptInvocation<'_>,
        id: &GrantId,
        token: Option<&NewAccessToken>,
    ) {
        call.key(match token {
            Some(token) => self.keys.access_token_of_grant(id, &token.hash),
            None => self.keys.grant(id),
        });
    }
}

/// The access token's end as garbage and its fields, or that there is none.
fn access_token_fields(call: &mut ScriptInvocation<'_>, token: Option<&NewAccessToken>) {
    match token {
        None => {
            call.arg("");
        }
        Some(token) => {
            call.arg(garbage_after(token.expires_at));
            fields(call, &access_tokens::fields(token));
        }
    }
}

pub(crate) fn fields(call: &mut ScriptInvocation<'_>, fields: &NewFields) {
    for part in fields.as_args() {
        call.arg(part.as_slice());
    }
}

/// A parameter that may be missing: behind `=` where it is not.
fn given(value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!("={value}"))
}

fn optional(value: Option<i64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The row that a script has just answered.
fn existing(
    id: &GrantId,
    fields: HashMap<String, Vec<u8>>,
    sealed_successor: Option<Vec<u8>>,
) -> Result<Grant, StoreError> {
    grant_row::read(id, fields, sealed_successor)?
        .ok_or_else(|| StoreError::corrupt("grant", id, "it has no fields"))
}

fn dead_by(id: &GrantId, reply: &Reply) -> Result<Dead, StoreError> {
    let cause = reply.text(1)?;
    match EndCause::parse(&cause) {
        Some(cause) => Ok(Dead::Grant(cause)),
        None => Err(StoreError::corrupt(
            "grant",
            id,
            "it ended for an unknown cause",
        )),
    }
}
