//! Browser sessions and the client sessions below them.

use async_trait::async_trait;
use countersign_store::acts::{Decision, Write};
use countersign_store::grants::WhatEnded;
use countersign_store::sessions::{
    BrowserSession, ClientSession, FORMAT, JoinSession, RenewOutcome, RenewSession, SessionView,
    Sessions, decide_end_client_session, decide_end_session, decide_join, decide_renewal,
    decide_start,
};
use countersign_store::{ActId, ClientSessionId, GrantId, SessionId, StoreError};
use rusqlite::{Connection, params};

use super::statements::{all, one, run};
use super::{Sqlite, events, next_act, subjects};
use crate::rows::session::{self, session_columns};
use crate::rows::to_json;

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
            let found = browser_session(connection, &session.id)?;
            write(connection, decide_start(found, &session, now), None)
        })
        .await
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let act = act.clone();
        self.act(move |connection| {
            let view = view(connection, &act.id)?;
            let user_has_ended = view.as_ref().is_some_and(|view| !view.user_lives);
            let found = view.map(|view| view.session);
            let what_ended = user_has_ended.then_some(WhatEnded::User);
            write(connection, decide_renewal(found, &act, now), what_ended)
        })
        .await
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        self.read(|connection| view(connection, id))
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
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let sid = *sid;
        self.act(move |connection| {
            let found = client_session_named(connection, &sid)?;
            let above = match &found {
                Some(session) => browser_session(connection, &session.browser_session)?,
                None => None,
            };
            let decision = decide_end_client_session(above.as_ref(), found, next_act(), now);
            write_client_session(connection, decision)
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

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        self.read(|connection| client_session_named(connection, sid))
    }
}

/// Gets or makes the client session of (browser session, client).
pub(super) fn join(
    connection: &Connection,
    act: &JoinSession,
    client_id: &str,
    now: i64,
) -> Result<ClientSession, StoreError> {
    let above = browser_session(connection, &act.browser_session)?;
    let found = client_session(connection, &act.browser_session, client_id)?;
    let decision = decide_join(above.as_ref(), found, act, client_id, now);
    write_client_session(connection, decision)
}

fn end(
    connection: &Connection,
    id: &SessionId,
    now: i64,
) -> Result<Vec<ClientSession>, StoreError> {
    let found = browser_session(connection, id)?;
    let decision = decide_end_session(found, next_act(), now);
    if !write(connection, decision, None)? {
        return Ok(Vec::new());
    }
    let columns = session::CLIENT_SESSION_COLUMNS;
    all(
        connection,
        "client session",
        &format!(
            "SELECT {columns} FROM client_sessions
             WHERE browser_session = ?1 AND ended_at IS NULL ORDER BY client_id"
        ),
        params![id.as_bytes()],
        |cells| session::read_client_session(cells),
    )
}

fn view(connection: &Connection, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
    let Some(session) = browser_session(connection, id)? else {
        return Ok(None);
    };
    let subject = subjects::subject(connection, &session.sub)?;
    let lives = subject.is_some_and(|user| user.standing().accepts(&session.user_epoch));
    Ok(Some(SessionView {
        session,
        user_lives: lives,
    }))
}

fn browser_session(
    connection: &Connection,
    id: &SessionId,
) -> Result<Option<BrowserSession>, StoreError> {
    one(
        connection,
        "browser session",
        concat!(
            "SELECT ",
            session_columns!(),
            " FROM browser_sessions AS b WHERE b.id = ?1"
        ),
        params![id.as_bytes()],
        |cells| session::read(cells),
    )
}

fn client_session(
    connection: &Connection,
    browser_session: &SessionId,
    client_id: &str,
) -> Result<Option<ClientSession>, StoreError> {
    let columns = session::CLIENT_SESSION_COLUMNS;
    one(
        connection,
        "client session",
        &format!(
            "SELECT {columns} FROM client_sessions WHERE browser_session = ?1 AND client_id = ?2"
        ),
        params![browser_session.as_bytes(), client_id],
        |cells| session::read_client_session(cells),
    )
}

fn client_session_named(
    connection: &Connection,
    sid: &ClientSessionId,
) -> Result<Option<ClientSession>, StoreError> {
    let columns = session::CLIENT_SESSION_COLUMNS;
    one(
        connection,
        "client session",
        &format!("SELECT {columns} FROM client_sessions WHERE sid = ?1"),
        params![sid.as_bytes()],
        |cells| session::read_client_session(cells),
    )
}

/// Writes what was decided on a browser session, given what of its user has ended.
fn write<O>(
    connection: &Connection,
    decision: Decision<BrowserSession, O>,
    what_ended: Option<WhatEnded>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(what_ended);
    if let Write::Record(change) = write {
        let session = &change.record;
        run(
            connection,
            "INSERT INTO browser_sessions
                 (id, mac_key, secret_hash, epoch, sub, user_epoch, auth_time, amr, acr,
                  proved_in, created_at, expires_at, ended_at, ended_by, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (id) DO UPDATE
             SET format = excluded.format, secret_hash = excluded.secret_hash, epoch = excluded.epoch,
                 auth_time = excluded.auth_time, amr = excluded.amr, acr = excluded.acr,
                 proved_in = excluded.proved_in, expires_at = excluded.expires_at,
                 ended_at = excluded.ended_at, ended_by = excluded.ended_by",
            params![
                session.id.as_bytes(),
                session.mac_key.expose(),
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
                session.ended.map(|ended| ended.at),
                session
                    .ended
                    .as_ref()
                    .map(|ended| ActId::as_bytes(&ended.by)),
                FORMAT,
            ],
        )?;
        events::tell(connection, change.event)?;
    }
    Ok(outcome)
}

fn write_client_session<O>(
    connection: &Connection,
    decision: Decision<ClientSession, O>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(None);
    if let Write::Record(change) = write {
        let session = &change.record;
        run(
            connection,
            "INSERT INTO client_sessions
                 (browser_session, client_id, sid, epoch, created_at, ended_at, ended_by, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (browser_session, client_id) DO UPDATE
             SET format = excluded.format, sid = excluded.sid, epoch = excluded.epoch, created_at = excluded.created_at,
                 ended_at = excluded.ended_at, ended_by = excluded.ended_by",
            params![
                session.browser_session.as_bytes(),
                session.client_id,
                session.sid.as_bytes(),
                session.epoch.as_bytes(),
                session.created_at,
                session.ended.map(|ended| ended.at),
                session
                    .ended
                    .as_ref()
                    .map(|ended| ActId::as_bytes(&ended.by)),
                FORMAT,
            ],
        )?;
        events::tell(connection, change.event)?;
    }
    Ok(outcome)
}
