//! Browser sessions and the client sessions beneath them.

use async_trait::async_trait;
use countersign_jose::random::SystemRandom;
use countersign_store::acts::{Decision, Write};
use countersign_store::grants::{JoinSession, WhatEnded};
use countersign_store::sessions::{
    BrowserSession, ClientSession, FORMAT, RenewOutcome, RenewSession, SessionView, Sessions,
    decide_end_client_session, decide_end_session, decide_join, decide_renewal, decide_start,
};
use countersign_store::subjects::Subjects;
use countersign_store::{ActId, ClientSessionId, Epoch, SessionId, StoreError};
use deadpool_postgres::Transaction;

use super::Postgres;
use super::statements::{all, append, failed, one, run};
use crate::rows::{session, to_json};

#[async_trait]
impl Sessions for Postgres {
    async fn start_session(
        &self,
        session: &BrowserSession,
        replaces: Option<&SessionId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        if let Some(old) = replaces {
            end(&transaction, old, now).await?;
        }
        let found = locked(&transaction, &session.id).await?;
        write(&transaction, decide_start(found, session, now), None).await?;
        transaction.commit().await.map_err(failed)
    }

    async fn renew_session(
        &self,
        act: &RenewSession,
        now: i64,
    ) -> Result<RenewOutcome, StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        let found = locked(&transaction, &act.id).await?;
        let decision = decide_renewal(found, act, now);
        let ended = decision.ended;
        let outcome = write(&transaction, decision, None).await?;
        transaction.commit().await.map_err(failed)?;
        drop(client); // the next read takes a connection of its own
        let subject = self.subject(&act.sub).await?;
        let lives = subject.is_some_and(|user| user.standing().accepts(&act.user_epoch));
        Ok(match ended {
            Some(ended) if !lives => ended(WhatEnded::User),
            _ => outcome,
        })
    }

    async fn session(&self, id: &SessionId) -> Result<Option<SessionView>, StoreError> {
        let columns = session::COLUMNS;
        let found = self
            .one(
                "browser session",
                &format!("SELECT {columns} FROM browser_sessions WHERE id = $1"),
                &[&&id.as_bytes()[..]],
                |cells| session::read(cells),
            )
            .await?;
        let Some(session) = found else {
            return Ok(None);
        };
        let subject = self.subject(&session.sub).await?;
        let lives = subject.is_some_and(|user| user.standing().accepts(&session.user_epoch));
        Ok(Some(SessionView {
            session,
            user_lives: lives,
        }))
    }

    async fn end_session(
        &self,
        id: &SessionId,
        now: i64,
    ) -> Result<Vec<ClientSession>, StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        let ended = end(&transaction, id, now).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(ended)
    }

    async fn end_client_session(
        &self,
        sid: &ClientSessionId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut client = self.connection().await?;
        let transaction = self.begin(&mut client).await?;
        let columns = session::CLIENT_SESSION_COLUMNS;
        let found = one(
            &transaction,
            "client session",
            &format!("SELECT {columns} FROM client_sessions WHERE sid = $1 FOR UPDATE"),
            &[&&sid.as_bytes()[..]],
            |cells| session::read_client_session(cells),
        )
        .await?;
        let above = match &found {
            Some(session) => browser_session(&transaction, &session.browser_session).await?,
            None => None,
        };
        let by = ActId::generate(&SystemRandom);
        let decision = decide_end_client_session(above.as_ref(), found, by, now);
        let ended = write_client_session(&transaction, decision).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(ended)
    }

    async fn client_session(
        &self,
        browser_session: &SessionId,
        client_id: &str,
    ) -> Result<Option<ClientSession>, StoreError> {
        let columns = session::CLIENT_SESSION_COLUMNS;
        self.one(
            "client session",
            &format!(
                "SELECT {columns} FROM client_sessions
                 WHERE browser_session = $1 AND client_id = $2"
            ),
            &[&&browser_session.as_bytes()[..], &client_id],
            |cells| session::read_client_session(cells),
        )
        .await
    }

    async fn client_session_named(
        &self,
        sid: &ClientSessionId,
    ) -> Result<Option<ClientSession>, StoreError> {
        let columns = session::CLIENT_SESSION_COLUMNS;
        self.one(
            "client session",
            &format!("SELECT {columns} FROM client_sessions WHERE sid = $1"),
            &[&&sid.as_bytes()[..]],
            |cells| session::read_client_session(cells),
        )
        .await
    }
}

/// Gets or makes the client session of (browser session, client). The browser session's row is
/// locked by this, so that it does not end before this transaction does.
pub(super) async fn join(
    transaction: &Transaction<'_>,
    act: &JoinSession,
    client_id: &str,
    now: i64,
) -> Result<(ClientSessionId, Epoch), StoreError> {
    let above = locked(transaction, &act.browser_session).await?;
    let columns = session::CLIENT_SESSION_COLUMNS;
    let found = one(
        transaction,
        "client session",
        &format!(
            "SELECT {columns} FROM client_sessions
             WHERE browser_session = $1 AND client_id = $2 FOR UPDATE"
        ),
        &[&&act.browser_session.as_bytes()[..], &client_id],
        |cells| session::read_client_session(cells),
    )
    .await?;
    let decision = decide_join(above.as_ref(), found, act, client_id, now);
    let joined = write_client_session(transaction, decision).await?;
    Ok((joined.sid, joined.epoch))
}

async fn browser_session(
    transaction: &Transaction<'_>,
    id: &SessionId,
) -> Result<Option<BrowserSession>, StoreError> {
    let columns = session::COLUMNS;
    one(
        transaction,
        "browser session",
        &format!("SELECT {columns} FROM browser_sessions WHERE id = $1"),
        &[&&id.as_bytes()[..]],
        |cells| session::read(cells),
    )
    .await
}

/// The session's row, which no one else writes or joins until the transaction ends.
async fn locked(
    transaction: &Transaction<'_>,
    id: &SessionId,
) -> Result<Option<BrowserSession>, StoreError> {
    let columns = session::COLUMNS;
    one(
        transaction,
        "browser session",
        &format!("SELECT {columns} FROM browser_sessions WHERE id = $1 FOR UPDATE"),
        &[&&id.as_bytes()[..]],
        |cells| session::read(cells),
    )
    .await
}

async fn end(
    transaction: &Transaction<'_>,
    id: &SessionId,
    now: i64,
) -> Result<Vec<ClientSession>, StoreError> {
    let found = locked(transaction, id).await?;
    let decision = decide_end_session(found, ActId::generate(&SystemRandom), now);
    if !write(transaction, decision, None).await? {
        return Ok(Vec::new());
    }
    // Whoever joins the session holds its row until they commit. Once it is locked, this
    // statement's snapshot has every client session that there will ever be.
    let columns = session::CLIENT_SESSION_COLUMNS;
    all(
        transaction,
        "client session",
        &format!(
            "SELECT {columns} FROM client_sessions
             WHERE browser_session = $1 AND ended_at IS NULL ORDER BY client_id"
        ),
        &[&&id.as_bytes()[..]],
        |cells| session::read_client_session(cells),
    )
    .await
}

async fn write<O>(
    transaction: &Transaction<'_>,
    decision: Decision<BrowserSession, O>,
    what_ended: Option<WhatEnded>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(what_ended);
    let Write::Record(change) = write else {
        return Ok(outcome);
    };
    let session = &change.record;
    let amr = to_json(&session.amr)?;
    run(
        transaction,
        "INSERT INTO browser_sessions
             (id, mac_key, secret_hash, epoch, sub, user_epoch, auth_time, amr, acr, proved_in,
              created_at, expires_at, ended_at, ended_by, format)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (id) DO UPDATE
         SET format = excluded.format, secret_hash = excluded.secret_hash, epoch = excluded.epoch,
             auth_time = excluded.auth_time, amr = excluded.amr, acr = excluded.acr,
             proved_in = excluded.proved_in, expires_at = excluded.expires_at,
             ended_at = excluded.ended_at, ended_by = excluded.ended_by",
        &[
            &&session.id.as_bytes()[..],
            &&session.mac_key.expose()[..],
            &&session.secret.as_bytes()[..],
            &&session.epoch.as_bytes()[..],
            &session.sub,
            &&session.user_epoch.as_bytes()[..],
            &session.auth_time,
            &amr,
            &session.acr,
            &session.proved_in.as_ref().map(|id| &id.as_bytes()[..]),
            &session.created_at,
            &session.expires_at,
            &session.ended.map(|ended| ended.at),
            &session.ended.as_ref().map(|ended| &ended.by.as_bytes()[..]),
            &FORMAT,
        ],
    )
    .await?;
    append(transaction, change.event).await?;
    Ok(outcome)
}

async fn write_client_session<O>(
    transaction: &Transaction<'_>,
    decision: Decision<ClientSession, O>,
) -> Result<O, StoreError> {
    let (write, outcome) = decision.under(None);
    let Write::Record(change) = write else {
        return Ok(outcome);
    };
    let session = &change.record;
    run(
        transaction,
        "INSERT INTO client_sessions
             (browser_session, client_id, sid, epoch, created_at, ended_at, ended_by, format)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (browser_session, client_id) DO UPDATE
         SET format = excluded.format, sid = excluded.sid, epoch = excluded.epoch, created_at = excluded.created_at,
             ended_at = excluded.ended_at, ended_by = excluded.ended_by",
        &[
            &&session.browser_session.as_bytes()[..],
            &session.client_id,
            &&session.sid.as_bytes()[..],
            &&session.epoch.as_bytes()[..],
            &session.created_at,
            &session.ended.map(|ended| ended.at),
            &session.ended.as_ref().map(|ended| &ended.by.as_bytes()[..]),
            &FORMAT,
        ],
    )
    .await?;
    append(transaction, change.event).await?;
    Ok(outcome)
}
