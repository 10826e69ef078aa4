//! Access tokens that have a row, the denylist of those that have none, and whether one is accepted.

use countersign_store::access_tokens::{
    ActiveToken, CheckAccessToken, Holder, NewAccessToken, NewHolder, TokenRow, TokenState,
};
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::Dead;
use countersign_store::{Epoch, GrantId, SecretHash, StoreError};
use rusqlite::{Connection, params};

use super::statements::{exists, one, run};
use super::{events, grant_row};

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
        "INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO NOTHING",
        params![
            token.hash.as_bytes(),
            token.id.as_bytes(),
            client_id,
            client_epoch,
            token.scope,
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

/// Several point reads, not one snapshot: an ending that was answered before the check began is
/// seen by each of them.
pub(super) fn check(
    connection: &Connection,
    check: &CheckAccessToken,
    now: i64,
) -> Result<TokenState, StoreError> {
    match check {
        CheckAccessToken::Opaque { grant, hash } => {
            match living_row(connection, grant, hash, now)? {
                Ok(row) if row.holder == NewHolder::Grant => {
                    of_grant(connection, grant, Some(row), now)
                }
                Ok(_) => Ok(TokenState::Unknown),
                Err(state) => Ok(state),
            }
        }
        CheckAccessToken::OpaqueOfClient { id, hash } => {
            match living_row(connection, id, hash, now)? {
                Ok(Row {
                    holder: NewHolder::Client { client_id, epoch },
                    scope,
                    expires_at,
                }) => {
                    let row = TokenRow {
                        scope: scope.unwrap_or_default(),
                        expires_at,
                    };
                    of_client(connection, &client_id, &epoch, Some(row))
                }
                Ok(_) => Ok(TokenState::Unknown),
                Err(state) => Ok(state),
            }
        }
        CheckAccessToken::Jwt {
            grant,
            jti,
            must_be_kept,
        } => match refused_jwt(connection, jti, *must_be_kept)? {
            Some(state) => Ok(state),
            None => of_grant(connection, grant, None, now),
        },
        CheckAccessToken::JwtOfClient {
            client_id,
            epoch,
            jti,
            must_be_kept,
        } => match refused_jwt(connection, jti, *must_be_kept)? {
            Some(state) => Ok(state),
            None => of_client(connection, client_id, epoch, None),
        },
    }
}

struct Row {
    holder: NewHolder,
    scope: Option<String>,
    expires_at: i64,
}

/// An opaque token's row, or why the token is not accepted.
fn living_row(
    connection: &Connection,
    id: &GrantId,
    hash: &SecretHash,
    now: i64,
) -> Result<Result<Row, TokenState>, StoreError> {
    let row = one(
        connection,
        "access token",
        "SELECT id, client_id, client_epoch, scope, expires_at FROM access_tokens
         WHERE hash = ?1 AND id = ?2",
        params![hash.as_bytes(), id.as_bytes()],
        |cells| {
            let _id: [u8; 16] = cells.bytes()?;
            let holder = match (cells.optional_text()?, cells.optional_bytes()?) {
                (None, None) => NewHolder::Grant,
                (Some(client_id), Some(epoch)) => NewHolder::Client {
                    client_id: client_id.to_owned(),
                    epoch: Epoch::from_bytes(epoch),
                },
                _ => return Err(cells.corrupt("its client has an id or an epoch only")),
            };
            let scope = cells.optional_text()?.map(str::to_owned);
            Ok(Row {
                holder,
                scope,
                expires_at: cells.integer()?,
            })
        },
    )?;
    Ok(match row {
        None => Err(TokenState::Unknown),
        Some(row) if now >= row.expires_at => Err(TokenState::Expired {
            expired_at: row.expires_at,
        }),
        Some(_) if is_denied(connection, hash)? => Err(TokenState::Denied),
        Some(row) => Ok(row),
    })
}

fn refused_jwt(
    connection: &Connection,
    jti: &SecretHash,
    must_be_kept: bool,
) -> Result<Option<TokenState>, StoreError> {
    if is_denied(connection, jti)? {
        return Ok(Some(TokenState::Denied));
    }
    let known = "SELECT 1 FROM access_tokens WHERE hash = ?1";
    if must_be_kept && !exists(connection, known, params![jti.as_bytes()])? {
        return Ok(Some(TokenState::Unknown));
    }
    Ok(None)
}

fn is_denied(connection: &Connection, hash: &SecretHash) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM denied_tokens WHERE jti_hash = ?1";
    exists(connection, sql, params![hash.as_bytes()])
}

fn of_grant(
    connection: &Connection,
    id: &GrantId,
    row: Option<Row>,
    now: i64,
) -> Result<TokenState, StoreError> {
    let Some(view) = grant_row::view(connection, id)? else {
        return Ok(TokenState::Unknown);
    };
    if let Some(dead) = view.dead {
        return Ok(TokenState::Ended(dead));
    }
    let grant = view.grant;
    if now >= grant.expires_at {
        return Ok(TokenState::Expired {
            expired_at: grant.expires_at,
        });
    }
    let row = row.map(|row| TokenRow {
        scope: row.scope.unwrap_or_else(|| grant.scope.clone()),
        expires_at: row.expires_at,
    });
    Ok(TokenState::Active(Box::new(ActiveToken {
        holder: Holder::Grant(grant),
        row,
    })))
}

fn of_client(
    connection: &Connection,
    client_id: &str,
    epoch: &Epoch,
    row: Option<TokenRow>,
) -> Result<TokenState, StoreError> {
    let lives = exists(
        connection,
        "SELECT 1 FROM clients WHERE client_id = ?1 AND epoch = ?2 AND status = 'active'",
        params![client_id, epoch.as_bytes()],
    )?;
    if !lives {
        return Ok(TokenState::Ended(Dead::Client));
    }
    let holder = Holder::Client {
        client_id: client_id.to_owned(),
    };
    Ok(TokenState::Active(Box::new(ActiveToken { holder, row })))
}
