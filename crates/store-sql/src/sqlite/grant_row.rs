//! A grant's row: its columns, and the comparison of its parents.

use countersign_store::grants::{Grant, GrantView};
use countersign_store::{GrantId, StoreError};
use rusqlite::{Connection, params};

use super::statements::{one, run};
use crate::rows::{grant, to_json};

/// Reads a grant, and in the same statement compares every epoch that it carries.
pub(super) fn view(connection: &Connection, id: &GrantId) -> Result<Option<GrantView>, StoreError> {
    one(
        connection,
        "grant",
        "SELECT g.id, g.client_id, g.sub, g.scope,
                g.user_epoch, g.client_epoch, g.consent_epoch,
                g.browser_session, g.browser_session_epoch, g.sid, g.client_session_epoch,
                g.authorization, g.refreshable,
                g.code_hash, g.redirect_uri, g.code_challenge, g.code_expires_at, g.code_used_at,
                g.refresh_mac_key, g.refresh_current, g.refresh_idle_expires_at,
                g.refresh_rotated_at, g.refresh_predecessor, g.refresh_grace_until,
                g.refresh_sealed_successor,
                g.ended_at, g.ended_cause, g.created_at, g.expires_at,
                coalesce(c.epoch = g.client_epoch AND c.status = 'active', 0) AS client_lives,
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
         WHERE g.id = ?1",
        params![id.as_bytes()],
        |cells| grant::read_view(cells),
    )
}

/// Writes a new grant, whose code is unused.
pub(super) fn insert(connection: &Connection, grant: &Grant) -> Result<(), StoreError> {
    let session = grant.parents.session.as_ref();
    run(
        connection,
        "INSERT INTO grants (
             id, client_id, sub, scope, user_epoch, client_epoch, consent_epoch,
             browser_session, browser_session_epoch, sid, client_session_epoch,
             authorization, refreshable,
             code_hash, redirect_uri, code_challenge, code_expires_at, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 ?19)",
        params![
            grant.id.as_bytes(),
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
            to_json(&grant.authorization)?,
            grant.refreshable,
            grant.code.hash.as_bytes(),
            grant.code.redirect_uri,
            grant.code.code_challenge,
            grant.code.expires_at,
            grant.created_at,
            grant.expires_at,
        ],
    )
    .map(drop)
}

/// Writes what an act on an existing grant may change: the code's use and the refresh family.
pub(super) fn update(connection: &Connection, grant: &Grant) -> Result<(), StoreError> {
    let family = grant.refresh.as_ref();
    let predecessor = family.and_then(|family| family.predecessor.as_ref());
    run(
        connection,
        "UPDATE grants
         SET code_used_at = ?2, refresh_mac_key = ?3, refresh_current = ?4,
             refresh_idle_expires_at = ?5, refresh_rotated_at = ?6, refresh_predecessor = ?7,
             refresh_grace_until = ?8, refresh_sealed_successor = ?9
         WHERE id = ?1",
        params![
            grant.id.as_bytes(),
            grant.code.used_at,
            family.map(|family| family.mac_key.expose()),
            family.map(|family| family.current.as_bytes()),
            family.and_then(|family| family.idle_expires_at),
            family.map(|family| family.rotated_at),
            predecessor.map(|predecessor| predecessor.hash.as_bytes()),
            predecessor.map(|predecessor| predecessor.grace_until),
            predecessor.map(|predecessor| &predecessor.sealed_successor),
        ],
    )
    .map(drop)
}
