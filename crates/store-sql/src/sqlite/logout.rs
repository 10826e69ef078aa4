//! Logout calls, and the client sessions that an ending concerns.

use async_trait::async_trait;
use countersign_store::logout::{
    ClientSessionsOf, DroppedLogoutCalls, ListedClientSession, LogoutCall, LogoutCallLimits,
    LogoutCallOutcome, LogoutCalls, NewLogoutCall, SettledLogoutCall,
};
use countersign_store::{ClientSessionId, StoreError};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{SqliteCells, all, one, run};
use crate::rows::Cells;
use crate::rows::session;

#[async_trait]
impl LogoutCalls for Sqlite {
    async fn client_sessions(
        &self,
        of: ClientSessionsOf<'_>,
        after: Option<&ClientSessionId>,
        limit: u32,
    ) -> Result<Vec<ListedClientSession>, StoreError> {
        // Every sid is after the empty blob.
        let after: &[u8] = after.map_or(&[], |sid| sid.as_bytes());
        self.read(|connection| match of {
            ClientSessionsOf::User(sub) => {
                list(connection, "b.sub = ?3", params![after, limit, sub])
            }
            ClientSessionsOf::BrowserSession(id) => {
                let id = id.as_bytes();
                list(
                    connection,
                    "c.browser_session = ?3",
                    params![after, limit, id],
                )
            }
            ClientSessionsOf::Everyone => list(connection, "TRUE", params![after, limit]),
        })
    }

    async fn add_logout_calls(&self, calls: &[NewLogoutCall], now: i64) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        let calls = calls.to_vec();
        self.act(move |connection| {
            for call in &calls {
                run(
                    connection,
                    "INSERT INTO logout_calls (sid, client_id, sub, ended_at, attempts, due_at)
                     VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT (sid) DO NOTHING",
                    params![
                        call.sid.as_bytes(),
                        call.client_id,
                        call.sub,
                        call.ended_at,
                        now
                    ],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Goes from client to client by the index, however many calls each of them has.
    async fn clients_with_due_logout_calls(&self, now: i64) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            all(
                connection,
                "logout call",
                "WITH RECURSIVE waiting (client_id) AS (
                     SELECT min(client_id) FROM logout_calls
                     UNION ALL
                     SELECT (SELECT min(l.client_id) FROM logout_calls AS l
                             WHERE l.client_id > w.client_id)
                     FROM waiting AS w WHERE w.client_id IS NOT NULL)
                 SELECT w.client_id FROM waiting AS w
                 WHERE EXISTS (SELECT 1 FROM logout_calls AS l
                               WHERE l.client_id = w.client_id AND l.due_at <= ?1)",
                params![now],
                |cells| cells.text().map(str::to_owned),
            )
        })
    }

    async fn claim_logout_calls(
        &self,
        client_id: &str,
        limit: u32,
        claimed_until: i64,
        now: i64,
    ) -> Result<Vec<LogoutCall>, StoreError> {
        let client_id = client_id.to_owned();
        self.act(move |connection| {
            all(
                connection,
                "logout call",
                "UPDATE logout_calls SET due_at = ?1
                 WHERE sid IN (SELECT sid FROM logout_calls
                               WHERE client_id = ?2 AND due_at <= ?3
                               ORDER BY due_at, sid LIMIT ?4)
                 RETURNING sid, client_id, sub, ended_at, attempts",
                params![claimed_until, client_id, now, limit],
                read,
            )
        })
        .await
    }

    async fn settle_logout_calls(&self, settled: &[SettledLogoutCall]) -> Result<(), StoreError> {
        let settled = settled.to_vec();
        self.act(move |connection| {
            for SettledLogoutCall { sid, outcome } in &settled {
                let sid = sid.as_bytes();
                match *outcome {
                    LogoutCallOutcome::Finished => run(
                        connection,
                        "DELETE FROM logout_calls WHERE sid = ?1",
                        params![sid],
                    )?,
                    LogoutCallOutcome::Again { attempts, due_at } => run(
                        connection,
                        "UPDATE logout_calls SET attempts = ?2, due_at = ?3 WHERE sid = ?1",
                        params![sid, attempts, due_at],
                    )?,
                };
            }
            Ok(())
        })
        .await
    }

    async fn drop_logout_calls(
        &self,
        limits: &LogoutCallLimits,
        batch: u32,
    ) -> Result<Vec<DroppedLogoutCalls>, StoreError> {
        let limits = *limits;
        if !self.read(|connection| exceeds(connection, &limits))? {
            return Ok(Vec::new());
        }
        self.act(move |connection| {
            let clients = all(
                connection,
                "logout call",
                "DELETE FROM logout_calls WHERE sid IN (
                     SELECT sid FROM (
                         SELECT sid, ended_at, row_number() OVER (
                             PARTITION BY client_id ORDER BY ended_at DESC, sid DESC) AS place
                         FROM logout_calls)
                     WHERE ended_at <= ?1 OR place > ?2
                     ORDER BY ended_at, sid LIMIT ?3)
                 RETURNING client_id",
                params![limits.oldest_ended_at, at_most(&limits), batch],
                |cells| cells.text().map(str::to_owned),
            )?;
            Ok(counted(clients))
        })
        .await
    }
}

fn list(
    connection: &Connection,
    of: &str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<ListedClientSession>, StoreError> {
    let sql = format!(
        "SELECT c.sid, c.format, c.epoch, c.browser_session, c.client_id, c.created_at,
                c.ended_at, c.ended_by, b.sub, b.ended_at IS NOT NULL AS browser_session_ended,
                (SELECT s.epoch FROM subjects AS s WHERE s.sub = b.sub) IS NOT b.user_epoch
                    AS user_ended
         FROM client_sessions AS c JOIN browser_sessions AS b ON b.id = c.browser_session
         WHERE {of} AND c.sid > ?1 ORDER BY c.sid LIMIT ?2"
    );
    all(connection, "client session", &sql, params, |cells| {
        Ok(ListedClientSession {
            session: session::read_client_session(cells)?,
            sub: cells.at("sub").text()?.to_owned(),
            browser_session_ended: cells.at("browser_session_ended").boolean()?,
            user_ended: cells.at("user_ended").boolean()?,
        })
    })
}

fn read(cells: &mut SqliteCells<'_>) -> Result<LogoutCall, StoreError> {
    Ok(LogoutCall {
        sid: ClientSessionId::from_bytes(cells.at("sid").bytes()?),
        client_id: cells.at("client_id").text()?.to_owned(),
        sub: cells.at("sub").text()?.to_owned(),
        ended_at: cells.at("ended_at").integer()?,
        attempts: u32::try_from(cells.at("attempts").integer()?)
            .map_err(|_| cells.corrupt("attempts is not a number of attempts"))?,
    })
}

/// Whether a call is beyond the limits, found without the writer.
fn exceeds(connection: &Connection, limits: &LogoutCallLimits) -> Result<bool, StoreError> {
    let found = one(
        connection,
        "logout call",
        "SELECT EXISTS (SELECT 1 FROM logout_calls WHERE ended_at <= ?1)
             OR EXISTS (SELECT 1 FROM logout_calls GROUP BY client_id HAVING count(*) > ?2)",
        params![limits.oldest_ended_at, at_most(limits)],
        |cells| cells.boolean(),
    )?;
    Ok(found == Some(true))
}

fn at_most(limits: &LogoutCallLimits) -> i64 {
    i64::try_from(limits.max_per_client).unwrap_or(i64::MAX)
}

fn counted(mut clients: Vec<String>) -> Vec<DroppedLogoutCalls> {
    clients.sort();
    let same = clients.chunk_by(|one, next| one == next);
    same.filter_map(|same| {
        let client_id = same.first()?.clone();
        let calls = same.len() as u64;
        Some(DroppedLogoutCalls { client_id, calls })
    })
    .collect()
}
