//! A grant's row: reading it with its parents, and writing it.

use countersign_store::grants::{FORMAT, Grant, GrantView};
use countersign_store::{GrantId, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::statements::{all, one, run};
use crate::rows::grant::{self, Fixed, Moving, grant_columns};

/// A grant beside its parents; one that is missing has ended.
macro_rules! view {
    ($($condition:tt)*) => {
        concat!(
            "SELECT ",
            grant_columns!(),
            ", coalesce(c.epoch = g.client_epoch AND c.status = 'active', 0) AS client_lives,
                coalesce(s.epoch = g.user_epoch AND s.status = 'active', 0) AS user_lives,
                coalesce(k.epoch = g.consent_epoch, 0) AS consent_lives,
                g.browser_session IS NULL
                    OR coalesce(b.epoch = g.browser_session_epoch, 0) AS browser_session_lives,
                g.browser_session IS NULL
                    OR coalesce(cs.sid = g.sid AND cs.epoch = g.client_session_epoch, 0)
                    AS client_session_lives
             FROM grants AS g
             LEFT JOIN clients AS c ON c.client_id = g.client_id
             LEFT JOIN subjects AS s ON s.sub = g.sub
             LEFT JOIN consents AS k ON k.sub = g.sub AND k.client_id = g.client_id
             LEFT JOIN browser_sessions AS b ON b.id = g.browser_session
             LEFT JOIN client_sessions AS cs
                    ON cs.browser_session = g.browser_session AND cs.client_id = g.client_id
             ",
            $($condition)*
        )
    };
}

/// Reads a grant, and in the same statement compares every epoch that it carries.
pub(super) fn view(connection: &Connection, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
    one(
        connection,
        "grant",
        view!("WHERE g.id = ?1"),
        params![id.as_bytes()],
        |cells| grant::read_view(cells),
    )
}

/// The grants of a list, each with the comparison of its parents. `conditions` is all that comes
/// behind the tables.
pub(super) fn views(
    connection: &Connection,
    conditions: &str,
    values: Vec<Value>,
) -> Result<Vec<GrantView>, StoreError> {
    let sql = format!("{}{conditions}", view!(""));
    all(
        connection,
        "grant",
        &sql,
        params_from_iter(values),
        |cells| grant::read_view(cells),
    )
}

/// Every grant that a code may still be redeemed for.
pub(super) fn with_unused_code(connection: &Connection) -> Result<Vec<Grant>, StoreError> {
    all(
        connection,
        "grant",
        concat!(
            "SELECT ",
            grant_columns!(),
            " FROM grants AS g WHERE g.used_at IS NULL AND g.ended_at IS NULL"
        ),
        [],
        |cells| grant::read(cells),
    )
}

/// Writes a grant that is new or starts again.
pub(super) fn begin(connection: &Connection, grant: &Grant) -> Result<(), StoreError> {
    let Fixed {
        session,
        authorization,
        origin,
        voucher,
    } = Fixed::of(grant)?;
    run(
        connection,
        "INSERT OR REPLACE INTO grants (
             id, format, written_by, client_id, sub, scope, user_epoch, client_epoch, consent_epoch,
             browser_session, browser_session_epoch, sid, client_session_epoch,
             authorization, refreshable,
             origin, voucher_hash, voucher_expires_at, created_at, expires_at, keep_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 ?19, ?20, ?21)",
        params![
            grant.id.as_bytes(),
            FORMAT,
            grant.written_by.as_bytes(),
            grant.client_id,
            grant.sub,
            grant.scope,
            grant.parents.user.as_bytes(),
            grant.parents.client.as_bytes(),
            grant.parents.consent.as_bytes(),
            session.map(|session| session.browser_session.as_bytes()),
            session.map(|session| session.browser_session_epoch.as_bytes()),
            session.map(|session| session.sid.as_bytes()),
            session.map(|session| session.client_session_epoch.as_bytes()),
            authorization,
            grant.refreshable,
            origin,
            voucher.map(|voucher| voucher.hash.as_bytes()),
            voucher.map(|voucher| voucher.expires_at),
            grant.created_at,
            grant.expires_at,
            grant.keep_until,
        ],
    )
    .map(drop)
}

/// Writes what an act has moved in an existing grant.
pub(super) fn update(connection: &Connection, grant: &Grant) -> Result<(), StoreError> {
    let moving = Moving::of(grant);
    run(
        connection,
        "UPDATE grants
         SET written_by = ?2, used_at = ?3, used_by = ?4,
             refresh_mac_key = ?5, refresh_binding_key = ?6, refresh_current = ?7,
             refresh_idle_expires_at = ?8, refresh_rotated_at = ?9, refresh_predecessor = ?10,
             refresh_grace_until = ?11, refresh_sealed_successor = ?12,
             ended_at = ?13, ended_cause = ?14, ended_by = ?15, keep_until = ?16
         WHERE id = ?1",
        params![
            grant.id.as_bytes(),
            moving.written_by,
            moving.used_at,
            moving.used_by,
            moving.mac_key,
            moving.binding_key,
            moving.current,
            moving.idle_expires_at,
            moving.rotated_at,
            moving.predecessor,
            moving.grace_until,
            moving.sealed_successor,
            moving.ended_at,
            moving.ended_cause,
            moving.ended_by,
            moving.keep_until,
        ],
    )
    .map(drop)
}
