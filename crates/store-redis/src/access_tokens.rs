//! Access tokens that have a row, the denylist of those that have none, and whether one is
//! accepted.
//!
//! A grant's tokens are in the grant's partition, so that the act that returns a token also writes
//! it; a client's own are in the partition of their hash.

use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::acts::shared::{Hint, carry_out};
use countersign_store::acts::{Act, Change, Decision, Record};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::{
    Grant, GrantView, TokenState, decide_check_of_client, decide_check_of_grant,
};
use countersign_store::{ActId, Epoch, GrantId, SecretHash, StoreError};
use redis::{Pipeline, Value};

use crate::commit::{Commit, VERSION};
use crate::engine::Layout;
use crate::fields::{FORMAT, Fields, Hash, NewFields, values_as};
use crate::keys::Keys;
use crate::{Redis, garbage_after, keys};

impl Redis {
    /// By the token's hash, so that inserting it again changes nothing. Atomic (MULTI): a row
    /// always has an end.
    pub(crate) async fn insert_row(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        let key = self
            .keys
            .access_token(&token.id, &token.holder, &token.hash);
        let mut writes = redis::pipe();
        writes.atomic().cmd("HSET").arg(&key);
        for part in fields(token).as_args() {
            writes.arg(part);
        }
        writes
            .cmd("PEXPIREAT")
            .arg(&key)
            .arg(garbage_after(token.expires_at));
        self.read::<Vec<Value>>(&writes).await.map(drop)
    }

    pub(crate) async fn deny(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        carry_out(self, &Deny { jti: *jti, until }, Hint::Unread, now).await
    }

    /// Two reads: the token and its grant, then the grant's parents. An ending that returned
    /// before the check began is seen by both.
    pub(crate) async fn access_token_state(
        &self,
        check: &CheckAccessToken,
        now: i64,
    ) -> Result<TokenState, StoreError> {
        match check {
            CheckAccessToken::Opaque { grant, hash } => {
                let (view, row, denied) = self.of_grant(grant, hash).await?;
                match row {
                    Some(row) if row.id == *grant => {
                        Ok(decide_check_of_grant(view, Some(&row), denied, now))
                    }
                    _ => Ok(TokenState::Unknown),
                }
            }
            CheckAccessToken::Jwt {
                grant,
                jti,
                must_be_kept,
            } => {
                let (view, row, denied) = self.of_grant(grant, jti).await?;
                match row {
                    None if *must_be_kept => Ok(TokenState::Unknown),
                    _ => Ok(decide_check_of_grant(view, None, denied, now)),
                }
            }
            CheckAccessToken::OpaqueOfClient { id, hash } => {
                let (row, denied) = self.of_client(hash).await?;
                let Some(row) = row.filter(|row| row.id == *id) else {
                    return Ok(TokenState::Unknown);
                };
                let NewHolder::Client { client_id, epoch } = &row.holder else {
                    return Ok(TokenState::Unknown);
                };
                let lives = self.standing_accepts(client_id, epoch).await?;
                Ok(decide_check_of_client(
                    client_id,
                    lives,
                    Some(&row),
                    denied,
                    now,
                ))
            }
            CheckAccessToken::JwtOfClient {
                client_id,
                epoch,
                jti,
                must_be_kept,
            } => {
                let (row, denied) = self.of_client(jti).await?;
                if *must_be_kept && row.is_none() {
                    return Ok(TokenState::Unknown);
                }
                let lives = self.standing_accepts(client_id, epoch).await?;
                Ok(decide_check_of_client(client_id, lives, None, denied, now))
            }
        }
    }

    async fn of_grant(
        &self,
        id: &GrantId,
        hash: &SecretHash,
    ) -> Result<(Option<GrantView>, Option<NewAccessToken>, bool), StoreError> {
        let mut reads = Grant::reads(&self.keys, id);
        reads
            .hgetall(self.keys.access_token_of_grant(id, hash))
            .exists(self.keys.denied(hash));
        let mut grant: Vec<Value> = self.read(&reads).await?;
        let token = grant.split_off(grant.len().saturating_sub(2));
        let (row, denied): (Hash, bool) = values_as("access token", token)?;
        let view = match Grant::found(id, grant)? {
            Some(grant) => Some(self.view(grant).await?),
            None => None,
        };
        Ok((view, read(hash, row)?, denied))
    }

    async fn of_client(
        &self,
        hash: &SecretHash,
    ) -> Result<(Option<NewAccessToken>, bool), StoreError> {
        let mut reads = redis::pipe();
        reads
            .hgetall(self.keys.access_token_of_client(hash))
            .exists(self.keys.denied(hash));
        let (row, denied): (Hash, bool) = self.read(&reads).await?;
        Ok((read(hash, row)?, denied))
    }
}

/// A JWT that is refused until an instant.
struct Denial {
    jti: SecretHash,
    until: i64,
    written_by: ActId,
}

impl Record for Denial {
    type Key = SecretHash;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

/// Refuses one JWT. A shorter denial shortens nothing.
struct Deny {
    jti: SecretHash,
    until: i64,
}

impl Act for Deny {
    type Record = Denial;
    type Outcome = ();

    const IS_ENDING: bool = true;

    fn key(&self) -> &SecretHash {
        &self.jti
    }

    fn decide(&self, found: Option<Denial>, by: ActId, now: i64) -> Decision<Denial, ()> {
        let until = found.map_or(self.until, |denial| denial.until.max(self.until));
        Decision::returns(())
            .begins(Denial {
                jti: self.jti,
                until,
                written_by: by,
            })
            .tells(Event::new(EventKind::AccessTokenDenied, now))
    }

    fn is_in(&self, record: &Denial, _by: ActId) -> bool {
        record.until >= self.until
    }
}

impl Layout for Denial {
    const NAME: &'static str = "denial";

    fn reads(keys: &Keys, jti: &SecretHash) -> Pipeline {
        let mut reads = redis::pipe();
        reads.hgetall(keys.denied(jti));
        reads
    }

    fn found(jti: &SecretHash, values: Vec<Value>) -> Result<Option<Denial>, StoreError> {
        let (fields,): (Hash,) = values_as(Self::NAME, values)?;
        let Some(fields) = Fields::of(Self::NAME, "", fields) else {
            return Ok(None);
        };
        fields.check_format("format", FORMAT)?;
        Ok(Some(Denial {
            jti: *jti,
            until: fields.integer("until")?,
            written_by: ActId::from_bytes(fields.bytes(VERSION)?),
        }))
    }

    fn commit(
        keys: &Keys,
        before: Option<ActId>,
        change: &Change<Denial>,
    ) -> Result<Commit, StoreError> {
        let denial = &change.record;
        let key = keys.denied(&denial.jti);
        let fields = NewFields::default()
            .integer("format", FORMAT)
            .integer("until", denial.until)
            .blob(VERSION, denial.written_by.as_bytes());
        let mut commit = Commit::of(key.clone(), before);
        commit.set(key.clone(), &fields);
        commit.expire(key, denial.until);
        let partition = keys::partition(denial.jti.as_bytes());
        commit.tell(keys.events(partition), change.event.as_ref());
        Ok(commit)
    }
}

pub(crate) fn fields(token: &NewAccessToken) -> NewFields {
    let fields = NewFields::default()
        .blob("id", token.id.as_bytes())
        .optional_text("scope", token.scope.as_deref())
        .optional_text("audience", token.audience_text().as_deref())
        .integer("expires_at", token.expires_at);
    match &token.holder {
        NewHolder::Grant => fields,
        NewHolder::Client { client_id, epoch } => fields
            .text("client_id", client_id)
            .blob("client_epoch", epoch.as_bytes()),
    }
}

fn read(hash: &SecretHash, fields: Hash) -> Result<Option<NewAccessToken>, StoreError> {
    let Some(fields) = Fields::of("access token", "", fields) else {
        return Ok(None);
    };
    let holder = match (
        fields.optional_text("client_id")?,
        fields.optional_bytes("client_epoch")?,
    ) {
        (None, None) => NewHolder::Grant,
        (Some(client_id), Some(epoch)) => NewHolder::Client {
            client_id: client_id.to_owned(),
            epoch: Epoch::from_bytes(epoch),
        },
        _ => return Err(fields.corrupt("its client has an id or an epoch only")),
    };
    Ok(Some(NewAccessToken {
        hash: *hash,
        id: GrantId::from_bytes(fields.bytes("id")?),
        holder,
        scope: fields.optional_text("scope")?.map(str::to_owned),
        audience: NewAccessToken::audience_of(fields.optional_text("audience")?),
        expires_at: fields.integer("expires_at")?,
    }))
}
