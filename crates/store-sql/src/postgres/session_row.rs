//! A browser session's row and those of its client sessions: one record ([`SessionTree`]). The
//! browser session's row has the version of all of them, and every act on one of them writes that
//! row. So the act that ends a session has compared the version with which the client sessions were
//! read, and returns them all; if one joins in the meantime, the two acts conflict.

use async_trait::async_trait;
use countersign_store::acts::Change;
use countersign_store::acts::shared::Fate;
use countersign_store::ended::WhatEnded;
use countersign_store::sessions::{ClientSession, FORMAT, SessionTree, SessionView};
use countersign_store::{ActId, ClientSessionId, SessionId, StoreError};
use tokio_postgres::Row;

use super::Postgres;
use super::commit::{ReadParents, commit, send};
use super::engine::Layout;
use super::events::Columns as EventColumns;
use super::statements::{Params, PostgresCells};
use crate::rows::session::{self, session_columns};
use crate::rows::{Cells, to_json};

/// Whether the user of a browser session `b` is live.
macro_rules! user_lives {
    () => {
        "coalesce(s.epoch = b.user_epoch AND s.status = 'active', false) AS user_lives"
    };
}

macro_rules! from_session_and_user {
    () => {
        "FROM browser_sessions AS b LEFT JOIN subjects AS s ON s.sub = b.sub WHERE b.id = $1"
    };
}

/// A browser session with each of its client sessions, in one statement and so in one snapshot.
macro_rules! tree {
    ($which:expr) => {
        concat!(
            "SELECT ",
            session_columns!(),
            ", b.written_by,
               c.sid, c.format, c.epoch, c.browser_session, c.client_id, c.created_at, c.ended_at,
               c.ended_by
             FROM browser_sessions AS b
             LEFT JOIN client_sessions AS c ON c.browser_session = b.id
             WHERE b.id = ",
            $which
        )
    };
}

const READ: &str = tree!("$1");

/// The tree that has a client session of this name.
const READ_NAMED: &str = tree!("(SELECT browser_session FROM client_sessions WHERE sid = $1)");

const VIEW: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", ",
    user_lives!(),
    " ",
    from_session_and_user!()
);

const PARENTS: &str = concat!(
    "SELECT b.id, ",
    user_lives!(),
    " ",
    from_session_and_user!()
);

/// Writes a session that is new.
const BEGIN: &str = commit!(
    "INSERT INTO browser_sessions
         (id, written_by, format, secret_hash, epoch, auth_time, amr, acr, proved_in, expires_at,
          ended_at, ended_by, mac_key, sub, user_epoch, created_at)
     VALUES ($7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
     ON CONFLICT (id) DO NOTHING
     RETURNING id"
);

/// Writes what acts change in a session, and the one client session that the act has changed, $20
/// to $25, NULL if there is none.
const MOVE: &str = commit!(
    "UPDATE browser_sessions
     SET written_by = $8, format = $9, secret_hash = $10, epoch = $11, auth_time = $12, amr = $13,
         acr = $14, proved_in = $15, expires_at = $16, ended_at = $17, ended_by = $18
     WHERE id = $7 AND written_by = $19
     RETURNING id",
    ", client_session AS (
         INSERT INTO client_sessions
             (browser_session, format, client_id, sid, epoch, created_at, ended_at, ended_by)
         SELECT id, $9, $20::text, $21::bytea, $22::bytea, $23::bigint, $24::bigint, $25::bytea
         FROM moved WHERE $20::text IS NOT NULL
         ON CONFLICT (browser_session, client_id) DO UPDATE
         SET format = excluded.format, sid = excluded.sid, epoch = excluded.epoch,
             created_at = excluded.created_at, ended_at = excluded.ended_at,
             ended_by = excluded.ended_by
     )"
);

#[async_trait]
impl Layout for SessionTree {
    async fn read(store: &Postgres, id: &SessionId) -> Result<Option<SessionTree>, StoreError> {
        found(&store.rows(READ, &[&&id.as_bytes()[..]]).await?)
    }

    async fn commit(
        store: &Postgres,
        before: Option<ActId>,
        change: &Change<SessionTree>,
    ) -> Result<Fate, StoreError> {
        let session = &change.record.session;
        let id = &session.id.as_bytes()[..];
        let event = EventColumns::of(change.event.as_ref());
        let amr = to_json(&session.amr)?;
        let moving: Params<'_> = &[
            &event.kind,
            &event.at,
            &event.sub,
            &event.client_id,
            &event.about,
            &event.cause,
            &id,
            &&change.record.written_by.as_bytes()[..],
            &FORMAT,
            &&session.secret.as_bytes()[..],
            &&session.epoch.as_bytes()[..],
            &session.auth_time,
            &amr,
            &session.acr,
            &session.proved_in.as_ref().map(|id| &id.as_bytes()[..]),
            &session.expires_at,
            &session.ended.map(|ended| ended.at),
            &session.ended.as_ref().map(|ended| &ended.by.as_bytes()[..]),
        ];
        let parents = ReadParents {
            sql: PARENTS,
            params: &[&id],
            what_ended: |row| ended_user(&mut PostgresCells::new("browser session", row)),
        };
        let Some(before) = before else {
            let fixed: Params<'_> = &[
                &&session.mac_key.expose()[..],
                &session.sub,
                &&session.user_epoch.as_bytes()[..],
                &session.created_at,
            ];
            return send(store, BEGIN, &[moving, fixed].concat(), Some(parents)).await;
        };
        let moved = change.record.moved();
        let ended = moved.and_then(|moved| moved.ended.as_ref());
        let client_session: Params<'_> = &[
            &&before.as_bytes()[..],
            &moved.map(|moved| moved.client_id.as_str()),
            &moved.map(|moved| &moved.sid.as_bytes()[..]),
            &moved.map(|moved| &moved.epoch.as_bytes()[..]),
            &moved.map(|moved| moved.created_at),
            &ended.map(|ended| ended.at),
            &ended.map(|ended| &ended.by.as_bytes()[..]),
        ];
        send(
            store,
            MOVE,
            &[moving, client_session].concat(),
            Some(parents),
        )
        .await
    }

    async fn parents(store: &Postgres, id: &SessionId) -> Result<Option<WhatEnded>, StoreError> {
        let params: Params<'_> = &[&&id.as_bytes()[..]];
        store
            .one("browser session", PARENTS, params, ended_user)
            .await?
            .ok_or_else(|| {
                StoreError::corrupt("browser session", id, "it went while an act was about it")
            })
    }
}

impl Postgres {
    /// The session that has a client session of this name, with all its client sessions.
    pub(super) async fn session_tree_with(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<SessionTree>, StoreError> {
        found(&self.rows(READ_NAMED, &[&&sid.as_bytes()[..]]).await?)
    }

    pub(super) async fn session_view(
        &self,
        id: &SessionId,
    ) -> Result<Option<SessionView>, StoreError> {
        let params: Params<'_> = &[&&id.as_bytes()[..]];
        self.one("browser session", VIEW, params, |cells| {
            Ok(SessionView {
                session: session::read(cells)?,
                user_lives: cells.at("user_lives").boolean()?,
            })
        })
        .await
    }
}

/// One row for each client session, each beginning with the browser session; a single row without a
/// client session if there is none.
fn found(rows: &[Row]) -> Result<Option<SessionTree>, StoreError> {
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let cells = &mut PostgresCells::new("browser session", first);
    let session = session::read(cells)?;
    let written_by = ActId::from_bytes(cells.at("written_by").bytes()?);
    let client_sessions = rows
        .iter()
        .filter_map(|row| client_session(row).transpose());
    let client_sessions: Vec<ClientSession> = client_sessions.collect::<Result<_, _>>()?;
    Ok(Some(SessionTree::read(
        session,
        client_sessions,
        written_by,
    )))
}

fn client_session(row: &Row) -> Result<Option<ClientSession>, StoreError> {
    let cells = &mut PostgresCells::beginning_at("client session", row, "sid");
    match cells.at("sid").optional_blob()? {
        None => Ok(None),
        Some(_) => session::read_client_session(cells).map(Some),
    }
}

fn ended_user(cells: &mut PostgresCells<'_>) -> Result<Option<WhatEnded>, StoreError> {
    let lives = cells.at("user_lives").boolean()?;
    Ok((!lives).then_some(WhatEnded::User))
}
