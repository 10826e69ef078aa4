//! Browser sessions and the client sessions beneath them. Ending a session deletes its row: a
//! parent that is missing has ended.

use async_trait::async_trait;
use countersign_store::grants::JoinSession;
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionState, Sessions,
};
use countersign_store::{ClientSessionId, Epoch, SecretHash, SessionId, StoreError};
use deadpool_postgres::Transaction;

use super::Postgres;
use super::statements::{all, failed, one, run};
use crate::rows::{Cells, session, to_json};

#[async_trait]
impl Sessions for Postgres {
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        self.run(
            "WITH ended AS (
                 DELETE FROM browser_sessions WHERE id = $13 RETURNING sub
             ), told AS (
                 INSERT INTO events (kind, at, sub, about)
                 SELECT 'session_ended', $12::bigint, sub, $14::text FROM ended
             ), started AS (
                 INSERT INTO browser_sessions
                     (id, secret_hash, epoch, sub, user_epoch, auth_time, amr, acr, proved_in,
                      created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             )
             INSERT INTO events (kind, at, sub, about)
             VALUES ('session_started', $12, $4, $15)",
            &[
                &&session.id.as_bytes()[..],
                &&session.secret.as_bytes()[..],
                &&session.epoch.as_bytes()[..],
                &session.sub,
                &&session.user_epoch.as_bytes()[..],
                &session.auth_time,
                &to_json(&session.amr)?,
                &session.acr,
                &session.proved_in.as_ref().map(|id| &id.as_bytes()[..]),
                &session.created_at,
                &session.expires_at,
                &now,
                &replaces.map(|id| &id.as_bytes()[..]),
                &replaces.map(ToString::to_string),
                &session.id.to_string(),
            ],
        )
        .await
        .map(drop)
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let renewed = self
            .run(
                "WITH renewed AS (
                     UPDATE browser_sessions AS b
                     SET secret_hash = $3, user_epoch = $4, auth_time = $5, amr = $6, acr = $7,
                         proved_in = $8, expires_at = $9
                     WHERE b.id = $1 AND b.secret_hash = $2 AND b.expires_at > $10
                       AND EXISTS (SELECT FROM subjects AS s WHERE s.sub = b.sub
                                   AND s.epoch = b.user_epoch AND s.status = 'active')
                     RETURNING b.sub
                 )
                 INSERT INTO events (kind, at, sub, about)
                 SELECT 'session_renewed', $10, sub, $11 FROM renewed",
                &[
                    &&act.id.as_bytes()[..],
                    &&act.presented.as_bytes()[..],
                    &&act.secret.as_bytes()[..],
                    &&act.user_epoch.as_bytes()[..],
                    &act.auth_time,
                    &to_json(&act.amr)?,
                    &act.acr,
                    &act.proved_in.as_ref().map(|id| &id.as_bytes()[..]),
                    &act.expires_at,
                    &now,
                    &act.id.to_string(),
                ],
            )
            .await?;
        Ok(match renewed {
            0 => RenewOutcome::Unknown,
            _ => RenewOutcome::Renewed,
        })
    }

    async fn session(
        &self,
        id: &SessionId,
        secret: &SecretHash,
        now: i64,
    ) -> Result<SessionState, StoreError> {
        let found = self
            .one(
                "browser session",
                "SELECT b.id, b.secret_hash, b.epoch, b.sub, b.user_epoch, b.auth_time, b.amr,
                        b.acr, b.proved_in, b.created_at, b.expires_at,
                        coalesce(s.epoch = b.user_epoch AND s.status = 'active', false)
                 FROM browser_sessions AS b
                 LEFT JOIN subjects AS s ON s.sub = b.sub
                 WHERE b.id = $1",
                &[&&id.as_bytes()[..]],
                |cells| Ok((session::read(cells)?, cells.boolean()?)),
            )
            .await?;
        Ok(session::state(found, secret, now))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        let about = id.to_string();
        let id = &id.as_bytes()[..];
        let mut client = self.connection().await?;
        let transaction = client.transaction().await.map_err(failed)?;
        // Whoever joins the session holds its row until they commit. Once it is locked here, the
        // next statement's snapshot has every client session that there will ever be.
        let sub = one(
            &transaction,
            "browser session",
            "SELECT sub FROM browser_sessions WHERE id = $1 FOR UPDATE",
            &[&id],
            |cells| cells.text().map(str::to_owned),
        )
        .await?;
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        let ended = all(
            &transaction,
            "client session",
            "DELETE FROM client_sessions WHERE browser_session = $1
             RETURNING browser_session, client_id, sid, epoch, created_at",
            &[&id],
            |cells| session::read_client_session(cells),
        )
        .await?;
        run(
            &transaction,
            "WITH ended AS (DELETE FROM browser_sessions WHERE id = $1)
             INSERT INTO events (kind, at, sub, about) VALUES ('session_ended', $2, $3, $4)",
            &[&id, &now, &sub, &about],
        )
        .await?;
        transaction.commit().await.map_err(failed)?;
        Ok(ended)
    }

    async fn end_client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut client = self.connection().await?;
        let transaction = client.transaction().await.map_err(failed)?;
        let sid = one(
            &transaction,
            "client session",
            "DELETE FROM client_sessions WHERE browser_session = $1 AND client_id = $2
             RETURNING sid",
            &[&&browser_session.as_bytes()[..], &client_id],
            |cells| cells.bytes().map(ClientSessionId::from_bytes),
        )
        .await?;
        let Some(sid) = sid else {
            return Ok(false);
        };
        run(
            &transaction,
            "INSERT INTO events (kind, at, client_id, about)
             VALUES ('client_session_ended', $1, $2, $3)",
            &[&now, &client_id, &sid.to_string()],
        )
        .await?;
        transaction.commit().await.map_err(failed)?;
        Ok(true)
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        self.one(
            "client session",
            "SELECT browser_session, client_id, sid, epoch, created_at FROM client_sessions
             WHERE browser_session = $1 AND client_id = $2",
            &[&&browser_session.as_bytes()[..], &client_id],
            |cells| session::read_client_session(cells),
        )
        .await
    }
}

/// Gets or makes the client session of (browser session, client).
///
/// Where the browser session ended meanwhile nothing is made and the proposal is answered: what
/// carries it is dead on arrival.
pub(super) async fn join(
    transaction: &Transaction<'_>,
    act: &JoinSession,
    client_id: &str,
    now: i64,
) -> Result<(ClientSessionId, Epoch), StoreError> {
    // The lock keeps the browser session from ending before this transaction does.
    let lives = one(
        transaction,
        "browser session",
        "SELECT id FROM browser_sessions WHERE id = $1 AND epoch = $2 FOR KEY SHARE",
        &[
            &&act.browser_session.as_bytes()[..],
            &&act.browser_session_epoch.as_bytes()[..],
        ],
        |_| Ok(()),
    )
    .await?;
    if lives.is_none() {
        return Ok((act.proposed_sid, act.proposed_epoch));
    }
    let joined = one(
        transaction,
        "client session",
        // An update of nothing, so that a row that is there already is locked and returned.
        "INSERT INTO client_sessions AS cs (browser_session, client_id, sid, epoch, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (browser_session, client_id) DO UPDATE SET created_at = cs.created_at
         RETURNING sid, epoch",
        &[
            &&act.browser_session.as_bytes()[..],
            &client_id,
            &&act.proposed_sid.as_bytes()[..],
            &&act.proposed_epoch.as_bytes()[..],
            &now,
        ],
        |cells| {
            let sid = ClientSessionId::from_bytes(cells.bytes()?);
            Ok((sid, Epoch::from_bytes(cells.bytes()?)))
        },
    )
    .await?;
    Ok(joined.unwrap_or((act.proposed_sid, act.proposed_epoch)))
}
