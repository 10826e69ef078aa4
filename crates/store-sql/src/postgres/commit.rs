//! Committing a grant by compare-and-set: one statement writes the record, its access token's row
//! and its event, if the record still has the version that was read.
//!
//! Under READ COMMITTED an UPDATE that waited for another one's row lock checks its condition again
//! on the row as that left it, so the comparison holds under any race. The parents are read by a
//! second statement, sent right behind the first without waiting for its answer; it has a snapshot
//! of its own, taken after the first was committed.
//! <https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED>

use countersign_store::acts::Change;
use countersign_store::acts::shared::{Fate, Parents};
use countersign_store::grants::{FORMAT, Grant};
use countersign_store::{ActId, StoreError};
use futures_util::future::join;

use super::Postgres;
use super::access_tokens::Columns as TokenColumns;
use super::events::Columns as EventColumns;
use super::grant_row::PARENTS;
use super::statements::{Params, PostgresCells, failed, give_up, is_of_unknown_fate};
use crate::rows::grant::{Fixed, Moving, read_ended_parent};

/// What follows the CTE `moved`, which has a row if the version was right. $1 to $12 are the access
/// token and the event, NULL where there is none.
macro_rules! with_token_and_event {
    ($moved:expr) => {
        concat!(
            "WITH moved AS (",
            $moved,
            " RETURNING g.id
             ), minted AS (
                 INSERT INTO access_tokens (hash, id, client_id, client_epoch, scope, expires_at)
                 SELECT $1::bytea, $2::bytea, $3::text, $4::bytea, $5::text, $6::bigint
                 FROM moved WHERE $1::bytea IS NOT NULL
                 ON CONFLICT (hash) DO NOTHING
             ), told AS (
                 INSERT INTO events (kind, at, sub, client_id, about, cause)
                 SELECT $7::text, $8::bigint, $9::text, $10::text, $11::text, $12::text
                 FROM moved WHERE $7::text IS NOT NULL
             )
             SELECT id FROM moved"
        )
    };
}

/// Writes what acts move in an existing grant.
const MOVE: &str = with_token_and_event!(
    "UPDATE grants AS g
     SET written_by = $15, used_at = $16, used_by = $17,
         refresh_mac_key = $18, refresh_binding_key = $19, refresh_current = $20,
         refresh_idle_expires_at = $21, refresh_rotated_at = $22, refresh_predecessor = $23,
         refresh_grace_until = $24, refresh_sealed_successor = $25,
         ended_at = $26, ended_cause = $27, ended_by = $28, keep_until = $29
     WHERE g.id = $13 AND g.written_by = $14"
);

/// Writes a grant that is new ($14 is NULL) or begins anew in the place of one that is not used.
const BEGIN: &str = with_token_and_event!(
    r#"INSERT INTO grants AS g (
           id, format, written_by, client_id, sub, scope, user_epoch, client_epoch, consent_epoch,
           browser_session, browser_session_epoch, sid, client_session_epoch,
           "authorization", refreshable,
           origin, voucher_hash, voucher_expires_at, created_at, expires_at, keep_until)
       VALUES ($13, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
               $31, $32, $33, $34)
       ON CONFLICT (id) DO UPDATE
       SET format = excluded.format, written_by = excluded.written_by,
           client_id = excluded.client_id, sub = excluded.sub, scope = excluded.scope,
           user_epoch = excluded.user_epoch, client_epoch = excluded.client_epoch,
           consent_epoch = excluded.consent_epoch,
           browser_session = excluded.browser_session,
           browser_session_epoch = excluded.browser_session_epoch,
           sid = excluded.sid, client_session_epoch = excluded.client_session_epoch,
           "authorization" = excluded."authorization", refreshable = excluded.refreshable,
           origin = excluded.origin, voucher_hash = excluded.voucher_hash,
           voucher_expires_at = excluded.voucher_expires_at,
           created_at = excluded.created_at, expires_at = excluded.expires_at,
           keep_until = excluded.keep_until, used_at = NULL, used_by = NULL,
           refresh_mac_key = NULL, refresh_binding_key = NULL, refresh_current = NULL,
           refresh_idle_expires_at = NULL, refresh_rotated_at = NULL, refresh_predecessor = NULL,
           refresh_grace_until = NULL, refresh_sealed_successor = NULL,
           ended_at = NULL, ended_cause = NULL, ended_by = NULL
       WHERE g.written_by = $14"#
);

pub(super) async fn commit(
    store: &Postgres,
    before: Option<ActId>,
    change: &Change<Grant>,
) -> Result<Fate, StoreError> {
    let grant = &change.record;
    let id = &grant.id.as_bytes()[..];
    let before = before.as_ref().map(|before| &before.as_bytes()[..]);
    let token = TokenColumns::of(change.access_token.as_ref());
    let event = EventColumns::of(change.event.as_ref());
    let beside: Params<'_> = &[
        &token.hash,
        &token.id,
        &token.client_id,
        &token.client_epoch,
        &token.scope,
        &token.expires_at,
        &event.kind,
        &event.at,
        &event.sub,
        &event.client_id,
        &event.about,
        &event.cause,
        &id,
        &before,
    ];
    match change.begins {
        true => {
            let fixed = Fixed::of(grant)?;
            let session = fixed.session;
            let own: Params<'_> = &[
                &FORMAT,
                &&grant.written_by.as_bytes()[..],
                &grant.client_id,
                &grant.sub,
                &grant.scope,
                &&grant.parents.user.as_bytes()[..],
                &&grant.parents.client.as_bytes()[..],
                &&grant.parents.consent.as_bytes()[..],
                &session.map(|session| &session.browser_session.as_bytes()[..]),
                &session.map(|session| &session.browser_session_epoch.as_bytes()[..]),
                &session.map(|session| &session.sid.as_bytes()[..]),
                &session.map(|session| &session.client_session_epoch.as_bytes()[..]),
                &fixed.authorization,
                &grant.refreshable,
                &fixed.origin,
                &fixed.voucher.map(|voucher| &voucher.hash.as_bytes()[..]),
                &fixed.voucher.map(|voucher| voucher.expires_at),
                &grant.created_at,
                &grant.expires_at,
                &grant.keep_until,
            ];
            send(store, BEGIN, &[beside, own].concat(), id).await
        }
        false => {
            let moving = Moving::of(grant);
            let own: Params<'_> = &[
                &moving.written_by,
                &moving.used_at,
                &moving.used_by,
                &moving.mac_key,
                &moving.binding_key,
                &moving.current,
                &moving.idle_expires_at,
                &moving.rotated_at,
                &moving.predecessor,
                &moving.grace_until,
                &moving.sealed_successor,
                &moving.ended_at,
                &moving.ended_cause,
                &moving.ended_by,
                &moving.keep_until,
            ];
            send(store, MOVE, &[beside, own].concat(), id).await
        }
    }
}

async fn send(
    store: &Postgres,
    sql: &str,
    params: Params<'_>,
    id: &[u8],
) -> Result<Fate, StoreError> {
    let client = store.connection().await?;
    let commit = client.prepare_cached(sql).await.map_err(failed)?;
    let parents = client.prepare_cached(PARENTS).await.map_err(failed)?;
    // Polled in this order, so sent in this order, and the first is committed before the second
    // begins.
    let of_the_grant: Params<'_> = &[&id];
    let sent = join(
        client.query_opt(&commit, params),
        client.query_opt(&parents, of_the_grant),
    );
    let Ok((moved, parents)) = tokio::time::timeout(store.timeout, sent).await else {
        return Ok(Fate::Unknown(give_up(client)));
    };
    Ok(match moved {
        Ok(None) => Fate::Conflict,
        Ok(Some(_)) => Fate::Written(match parents {
            Ok(Some(row)) => read_ended_parent(&mut PostgresCells::new("grant", &row))
                .map_or(Parents::Unread, Parents::Read),
            _ => Parents::Unread,
        }),
        Err(error) if is_of_unknown_fate(&error) => Fate::Unknown(failed(error)),
        Err(error) => return Err(failed(error)),
    })
}
