//! Browser sessions and the client sessions beneath them. Ending a session deletes its row: a
//! parent that is missing has ended.

use async_trait::async_trait;
use countersign_store::events::{Event, EventKind};
use countersign_store::grants::JoinSession;
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionState, Sessions,
};
use countersign_store::{GrantId, SecretHash, SessionId, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, exists, one, run};
use super::{Sqlite, events};
use crate::rows::{Cells, session, to_json};

#[async_trait]
impl Sessions for Sqlite {
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let session = session.clone();
        let replaces = replaces.copied();
        self.act(move |connection| {
            if let Some(old) = replaces {
                end(connection, &old, now)?;
            }
            insert(connection, &session)?;
            let event = Event::new(EventKind::SessionStarted, now);
            events::append(connection, event.sub(&session.sub).about(session.id))
        })
        .await
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| renew(connection, &act, now))
            .await
    }

    async fn session(
        &self,
        id: &SessionId,
        secret: &SecretHash,
        now: i64,
    ) -> Result<SessionState, StoreError> {
        self.read(|connection| state(connection, id, secret, now))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        let id = *id;
        self.act(move |connection| end(connection, &id, now)).await
    }

    async fn end_client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let browser_session = *browser_session;
        let client_id = client_id.to_owned();
        self.act(move |connection| {
            let Some(ended) = client_session(connection, &browser_session, &client_id)? else {
                return Ok(false);
            };
            run(
                connection,
                "DELETE FROM client_sessions WHERE browser_session = ?1 AND client_id = ?2",
                params![browser_session.as_bytes(), client_id],
            )?;
            let event = Event::new(EventKind::ClientSessionEnded, now);
            events::append(connection, event.client(&client_id).about(ended.sid))?;
            Ok(true)
        })
        .await
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        self.read(|connection| client_session(connection, browser_session, client_id))
    }
}

/// Gets or makes the client session of (browser session, client).
///
/// Where the browser session ended meanwhile nothing is made and the proposal is answered: what
/// carries it is dead on arrival.
pub(super) fn join(
    connection: &Connection,
    act: &JoinSession,
    client_id: &str,
    now: i64,
) -> Result<ClientSession, StoreError> {
    let proposed = ClientSession {
        sid: act.proposed_sid,
        epoch: act.proposed_epoch,
        browser_session: act.browser_session,
        client_id: client_id.to_owned(),
        created_at: now,
    };
    let lives = exists(
        connection,
        "SELECT 1 FROM browser_sessions WHERE id = ?1 AND epoch = ?2",
        params![
            act.browser_session.as_bytes(),
            act.browser_session_epoch.as_bytes()
        ],
    )?;
    if !lives {
        return Ok(proposed);
    }
    if let Some(known) = client_session(connection, &act.browser_session, client_id)? {
        return Ok(known);
    }
    run(
        connection,
        "INSERT INTO client_sessions (browser_session, client_id, sid, epoch, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            proposed.browser_session.as_bytes(),
            proposed.client_id,
            proposed.sid.as_bytes(),
            proposed.epoch.as_bytes(),
            proposed.created_at,
        ],
    )?;
    Ok(proposed)
}

fn insert(connection: &Connection, session: &BrowserSession) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO browser_sessions
             (id, secret_hash, epoch, sub, user_epoch, auth_time, amr, acr, proved_in,
              created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            session.id.as_bytes(),
            session.secret.as_bytes(),
            session.epoch.as_bytes(),
            session.sub,
            session.user_epoch.as_bytes(),
            session.auth_time,
            to_json(&session.amr)?,
            session.acr,
            session.proved_in.as_ref().map(GrantId::as_bytes),
            session.created_at,
            session.expires_at,
        ],
    )
    .map(drop)
}

fn renew(
    connection: &Connection,
    act: &RenewSession,
    now: i64,
) -> Result<RenewOutcome, StoreError> {
    let SessionState::Live(session) = state(connection, &act.id, &act.presented, now)? else {
        return Ok(RenewOutcome::Unknown);
    };
    run(
        connection,
        "UPDATE browser_sessions
         SET secret_hash = ?2, user_epoch = ?3, auth_time = ?4, amr = ?5, acr = ?6,
             proved_in = ?7, expires_at = ?8
         WHERE id = ?1",
        params![
            act.id.as_bytes(),
            act.secret.as_bytes(),
            act.user_epoch.as_bytes(),
            act.auth_time,
            to_json(&act.amr)?,
            act.acr,
            act.proved_in.as_ref().map(GrantId::as_bytes),
            act.expires_at,
        ],
    )?;
    let event = Event::new(EventKind::SessionRenewed, now)
        .sub(&session.sub)
        .about(act.id);
    events::append(connection, event)?;
    Ok(RenewOutcome::Renewed)
}

/// Client sessions go with their browser session (ON DELETE CASCADE).
fn end(
    connection: &Connection,
    id: &SessionId,
    now: i64,
) -> Result<Vec<ClientSession>, StoreError> {
    let ended = all(
        connection,
        "client session",
        "SELECT browser_session, client_id, sid, epoch, created_at FROM client_sessions
         WHERE browser_session = ?1 ORDER BY client_id",
        params![id.as_bytes()],
        |cells| session::read_client_session(cells),
    )?;
    let sub = one(
        connection,
        "browser session",
        "SELECT sub FROM browser_sessions WHERE id = ?1",
        params![id.as_bytes()],
        |cells| cells.text().map(str::to_owned),
    )?;
    if let Some(sub) = sub {
        run(
            connection,
            "DELETE FROM browser_sessions WHERE id = ?1",
            params![id.as_bytes()],
        )?;
        let event = Event::new(EventKind::SessionEnded, now).sub(&sub).about(id);
        events::append(connection, event)?;
    }
    Ok(ended)
}

fn state(
    connection: &Connection,
    id: &SessionId,
    secret: &SecretHash,
    now: i64,
) -> Result<SessionState, StoreError> {
    let found = one(
        connection,
        "browser session",
        "SELECT b.id, b.secret_hash, b.epoch, b.sub, b.user_epoch, b.auth_time, b.amr, b.acr,
                b.proved_in, b.created_at, b.expires_at,
                coalesce(s.epoch = b.user_epoch AND s.status = 'active', 0) AS user_lives
         FROM browser_sessions AS b
         LEFT JOIN subjects AS s ON s.sub = b.sub
         WHERE b.id = ?1",
        params![id.as_bytes()],
        |cells| Ok((session::read(cells)?, cells.boolean()?)),
    )?;
    Ok(session::state(found, secret, now))
}

fn client_session(
    connection: &Connection,
    browser_session: &SessionId,
    client_id: &str,
) -> Result<Option<ClientSession>, StoreError> {
    one(
        connection,
        "client session",
        "SELECT browser_session, client_id, sid, epoch, created_at FROM client_sessions
         WHERE browser_session = ?1 AND client_id = ?2",
        params![browser_session.as_bytes(), client_id],
        |cells| session::read_client_session(cells),
    )
}
