//! Access tokens that have a row, the denylist of those that have none, and whether one is accepted.
//!
//! A grant's tokens lie in the grant's partition, so that the act that answers one writes it; a
//! client's own lie in that of their hash.

use std::collections::HashMap;
use std::sync::LazyLock;

use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::grants::{TokenState, decide_check_of_client, decide_check_of_grant};
use countersign_store::{Epoch, GrantId, SecretHash, StoreError};
use redis::Script;

use crate::fields::{Fields, NewFields};
use crate::{Redis, garbage_after, grant_row, grants, keys};

static INSERT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("access_tokens/insert.lua")));
static DENY: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("access_tokens/deny.lua")));

type Hash = HashMap<String, Vec<u8>>;

impl Redis {
    pub(crate) async fn insert_row(&self, token: &NewAccessToken) -> Result<(), StoreError> {
        let key = self
            .keys
            .access_token(&token.id, &token.holder, &token.hash);
        let mut call = INSERT.key(key);
        call.arg(garbage_after(token.expires_at));
        grants::fields(&mut call, &fields(token));
        self.act(&call).await.map(drop)
    }

    pub(crate) async fn deny(
        &self,
        jti: &SecretHash,
        until: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut call = DENY.key(self.keys.denied(jti));
        call.key(self.keys.events(keys::partition(jti.as_bytes())))
            .arg(now)
            .arg(until)
            .arg(garbage_after(until));
        self.act(&call).await.map(drop)
    }

    /// Two reads: the token and its grant, then the grant's parents. An ending that was answered
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
                let lives = self.client_lives(client_id, epoch).await?;
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
                let lives = self.client_lives(client_id, epoch).await?;
                Ok(decide_check_of_client(client_id, lives, None, denied, now))
            }
        }
    }

    async fn of_grant(
        &self,
        id: &GrantId,
        hash: &SecretHash,
    ) -> Result<
        (
            Option<countersign_store::grants::GrantView>,
            Option<NewAccessToken>,
            bool,
        ),
        StoreError,
    > {
        let mut reads = redis::pipe();
        reads
            .hgetall(self.keys.grant(id))
            .get(self.keys.successor(id))
            .hgetall(self.keys.access_token_of_grant(id, hash))
            .exists(self.keys.denied(hash));
        let (grant, sealed, row, denied): (Hash, Option<Vec<u8>>, Hash, bool) =
            self.read(&reads).await?;
        let view = match grant_row::read(id, grant, sealed)? {
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

pub(crate) fn fields(token: &NewAccessToken) -> NewFields {
    let fields = NewFields::default()
        .blob("id", token.id.as_bytes())
        .optional_text("scope", token.scope.as_deref())
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
        expires_at: fields.integer("expires_at")?,
    }))
}
