//! Access tokens that have a row, the denylist of those that have none, and whether one is
//! accepted.

use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::{TokenState, decide_check_of_client, decide_check_of_grant};
use countersign_store::{Epoch, GrantId, SecretHash, StoreError};
use rusqlite::{Connection, params};

use super::statements::{exists, one, run};
use super::{events, grant_row};
use crate::rows::access_token;

/// Writes the token of an act, if it has one that needs a row.
pub(super) fn insert(
    connection: &Connection,
    token: Option<&NewAccessToken>,
) -> Result<(), StoreError> {
    let Some(token) = token else {
        return Ok(());
    };
    let (client_id, client_epoch) = match &token.holder {
        NewHolder::Grant => (None, None),
        NewHolder::Client { client_id, epoch } => (Some(client_id), Some(epoch.as_bytes())),
    };
    run(
        connection,
        "INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, audience, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (hash) DO NOTHING",
        params![
            token.hash.as_bytes(),
            token.id.as_bytes(),
            client_id,
            client_epoch,
            token.scope,
            token.audience_text(),
            token.expires_at,
        ],
    )
    .map(drop)
}

pub(super) fn deny(
    connection: &Connection,
    jti: &SecretHash,
    until: i64,
    now: i64,
) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO denied_tokens (jti_hash, denied_until) VALUES (?1, ?2)
         ON CONFLICT (jti_hash) DO UPDATE SET denied_until = max(denied_until, ?2)",
        params![jti.as_bytes(), until],
    )?;
    events::append(connection, Event::new(EventKind::AccessTokenDenied, now))
}

/// Several point reads, not one snapshot: an ending that was acknowledged before the check began is
/// seen by each of them.
pub(super) fn check(
    connection: &Connection,
    check: &CheckAccessToken,
    now: i64,
) -> Result<TokenState, StoreError> {
    match check {
        CheckAccessToken::Opaque { grant, hash } => {
            let row = row(connection, grant, hash)?;
            let Some(row) = row.filter(|row| row.holder == NewHolder::Grant) else {
                return Ok(TokenState::Unknown);
            };
            let view = grant_row::view(connection, grant)?;
            Ok(decide_check_of_grant(
                view,
                Some(&row),
                is_denied(connection, hash)?,
                now,
            ))
        }
        CheckAccessToken::Jwt {
            grant,
            jti,
            must_be_kept,
        } => {
            if *must_be_kept && !is_kept(connection, jti)? {
                return Ok(TokenState::Unknown);
            }
            let view = grant_row::view(connection, grant)?;
            Ok(decide_check_of_grant(
                view,
                None,
                is_denied(connection, jti)?,
                now,
            ))
        }
        CheckAccessToken::OpaqueOfClient { id, hash } => {
            let row = row(connection, id, hash)?;
            let Some((row, NewHolder::Client { client_id, epoch })) =
                row.as_ref().map(|row| (row, &row.holder))
            else {
                return Ok(TokenState::Unknown);
            };
            let lives = client_lives(connection, client_id, epoch)?;
            let denied = is_denied(connection, hash)?;
            Ok(decide_check_of_client(
                client_id,
                lives,
                Some(row),
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
            if *must_be_kept && !is_kept(connection, jti)? {
                return Ok(TokenState::Unknown);
            }
            let lives = client_lives(connection, client_id, epoch)?;
            Ok(decide_check_of_client(
                client_id,
                lives,
                None,
                is_denied(connection, jti)?,
                now,
            ))
        }
    }
}

fn row(
    connection: &Connection,
    id: &GrantId,
    hash: &SecretHash,
) -> Result<Option<NewAccessToken>, StoreError> {
    one(
        connection,
        "access token",
        "SELECT id, client_id, client_epoch, scope, audience, expires_at FROM access_tokens
         WHERE hash = ?1 AND id = ?2",
        params![hash.as_bytes(), id.as_bytes()],
        |cells| access_token::read(cells, hash),
    )
}

fn is_kept(connection: &Connection, hash: &SecretHash) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM access_tokens WHERE hash = ?1";
    exists(connection, sql, params![hash.as_bytes()])
}

fn is_denied(connection: &Connection, hash: &SecretHash) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM denied_tokens WHERE jti_hash = ?1";
    exists(connection, sql, params![hash.as_bytes()])
}

fn client_lives(
    connection: &Connection,
    client_id: &str,
    epoch: &Epoch,
) -> Result<bool, StoreError> {
    exists(
        connection,
        "SELECT 1 FROM clients WHERE client_id = ?1 AND epoch = ?2 AND status = 'active'",
        params![client_id, epoch.as_bytes()],
    )
}
