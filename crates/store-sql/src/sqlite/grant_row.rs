//! A grant's row: its columns, its states, and the comparison of its parents.

use countersign_store::grants::{
    Authorization, Code, Dead, EndCause, Ended, Grant, GrantView, Parents, Predecessor,
    RefreshFamily, SessionParents,
};
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId, StoreError};
use rusqlite::{Connection, params};

use super::statements::{Cells, one, run};

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
        |cells| {
            let grant = read(cells)?;
            let client_lives = cells.boolean()?;
            let user_lives = cells.boolean()?;
            let consent_lives = cells.boolean()?;
            let browser_session_lives = cells.boolean()?;
            let client_session_lives = cells.boolean()?;
            let dead = match grant.ended {
                Some(ended) => Some(Dead::Grant(ended.cause)),
                None if !client_lives => Some(Dead::Client),
                None if !user_lives => Some(Dead::User),
                None if !consent_lives => Some(Dead::Consent),
                None if !browser_session_lives => Some(Dead::BrowserSession),
                None if !client_session_lives => Some(Dead::ClientSession),
                None => None,
            };
            Ok(GrantView { grant, dead })
        },
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
            family.map(|family| &family.mac_key),
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

fn read(cells: &mut Cells<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: GrantId::from_bytes(cells.bytes()?),
        client_id: cells.text()?.to_owned(),
        sub: cells.text()?.to_owned(),
        scope: cells.text()?.to_owned(),
        parents: Parents {
            user: Epoch::from_bytes(cells.bytes()?),
            client: Epoch::from_bytes(cells.bytes()?),
            consent: Epoch::from_bytes(cells.bytes()?),
            session: read_session(cells)?,
        },
        authorization: read_authorization(cells)?,
        refreshable: cells.boolean()?,
        code: Code {
            hash: SecretHash::from_bytes(cells.bytes()?),
            redirect_uri: cells.text()?.to_owned(),
            code_challenge: cells.optional_text()?.map(str::to_owned),
            expires_at: cells.integer()?,
            used_at: cells.optional_integer()?,
        },
        refresh: read_family(cells)?,
        ended: read_ended(cells)?,
        created_at: cells.integer()?,
        expires_at: cells.integer()?,
    })
    .and_then(|grant: Grant| match &grant.refresh {
        Some(_) if grant.code.used_at.is_none() => {
            Err(cells.corrupt("a refresh family, but the code was never used"))
        }
        Some(_) if !grant.refreshable => {
            Err(cells.corrupt("a refresh family, but the grant is not refreshable"))
        }
        _ => Ok(grant),
    })
}

fn read_session(cells: &mut Cells<'_>) -> Result<Option<SessionParents>, StoreError> {
    let browser_session = cells.optional_bytes()?;
    let browser_session_epoch = cells.optional_bytes()?;
    let sid = cells.optional_bytes()?;
    let client_session_epoch = cells.optional_bytes()?;
    match (
        browser_session,
        browser_session_epoch,
        sid,
        client_session_epoch,
    ) {
        (None, None, None, None) => Ok(None),
        (Some(browser_session), Some(browser_session_epoch), Some(sid), Some(epoch)) => {
            Ok(Some(SessionParents {
                browser_session: SessionId::from_bytes(browser_session),
                browser_session_epoch: Epoch::from_bytes(browser_session_epoch),
                sid: ClientSessionId::from_bytes(sid),
                client_session_epoch: Epoch::from_bytes(epoch),
            }))
        }
        _ => Err(cells.corrupt("a part of its session is missing")),
    }
}

fn read_authorization(cells: &mut Cells<'_>) -> Result<Authorization, StoreError> {
    serde_json::from_str(cells.text()?)
        .map_err(|error| cells.corrupt(format!("authorization: {error}")))
}

fn read_family(cells: &mut Cells<'_>) -> Result<Option<RefreshFamily>, StoreError> {
    let mac_key = cells.optional_bytes()?;
    let current = cells.optional_bytes()?;
    let idle_expires_at = cells.optional_integer()?;
    let rotated_at = cells.optional_integer()?;
    let predecessor = read_predecessor(cells)?;
    match (mac_key, current, rotated_at) {
        (None, None, None) if idle_expires_at.is_none() && predecessor.is_none() => Ok(None),
        (Some(mac_key), Some(current), Some(rotated_at)) => Ok(Some(RefreshFamily {
            mac_key,
            current: SecretHash::from_bytes(current),
            predecessor,
            idle_expires_at,
            rotated_at,
        })),
        _ => Err(cells.corrupt("a part of its refresh family is missing")),
    }
}

/// Upkeep takes the sealed successor away long after the grace; the rest tells reuse.
fn read_predecessor(cells: &mut Cells<'_>) -> Result<Option<Predecessor>, StoreError> {
    let hash = cells.optional_bytes()?;
    let grace_until = cells.optional_integer()?;
    let sealed_successor = cells.optional_blob()?;
    match (hash, grace_until, sealed_successor) {
        (None, None, None) => Ok(None),
        (Some(hash), Some(grace_until), sealed) => Ok(Some(Predecessor {
            hash: SecretHash::from_bytes(hash),
            grace_until,
            sealed_successor: sealed.unwrap_or_default().to_vec(),
        })),
        _ => Err(cells.corrupt("a part of its refresh token's predecessor is missing")),
    }
}

fn read_ended(cells: &mut Cells<'_>) -> Result<Option<Ended>, StoreError> {
    match (cells.optional_integer()?, cells.optional_text()?) {
        (None, None) => Ok(None),
        (Some(at), Some(cause)) => match EndCause::parse(cause) {
            Some(cause) => Ok(Some(Ended { at, cause })),
            None => Err(cells.corrupt("it ended for an unknown cause")),
        },
        _ => Err(cells.corrupt("its end has a time or a cause only")),
    }
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
