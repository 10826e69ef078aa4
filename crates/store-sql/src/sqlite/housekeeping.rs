//! Upkeep: deleting what nothing accepts any more, in short transactions, a kind at a time.

use async_trait::async_trait;
use countersign_store::events::{OutboxLimits, Undelivered};
use countersign_store::{COLLECT_AFTER_SECONDS, Housekeeping, StoreError};
use rusqlite::params;

use super::Sqlite;
use super::statements::{SqliteCells, one, run};
use crate::rows::Cells;

/// Per kind: ?1 is the instant before which nothing is accepted by any replica, ?2 the batch.
/// Client sessions go with their browser session.
const COLLECT: [&str; 11] = [
    "DELETE FROM grants WHERE rowid IN (
         SELECT rowid FROM grants WHERE used_at IS NULL AND keep_until <= ?1 LIMIT ?2)",
    "DELETE FROM grants WHERE rowid IN (
         SELECT rowid FROM grants WHERE used_at IS NOT NULL AND keep_until <= ?1 LIMIT ?2)",
    "DELETE FROM access_tokens WHERE hash IN (
         SELECT hash FROM access_tokens WHERE expires_at <= ?1 LIMIT ?2)",
    "DELETE FROM denied_tokens WHERE jti_hash IN (
         SELECT jti_hash FROM denied_tokens WHERE denied_until <= ?1 LIMIT ?2)",
    "DELETE FROM browser_sessions WHERE id IN (
         SELECT id FROM browser_sessions WHERE expires_at <= ?1 LIMIT ?2)",
    "DELETE FROM setup_link WHERE expires_at <= ?1 AND ?2 > 0",
    "DELETE FROM device_requests WHERE id IN (
         SELECT id FROM device_requests WHERE keep_until <= ?1 LIMIT ?2)",
    "DELETE FROM attempts WHERE throttle_key IN (
         SELECT throttle_key FROM attempts WHERE ends_at <= ?1 LIMIT ?2)",
    "DELETE FROM used_once WHERE use_key IN (
         SELECT use_key FROM used_once WHERE until <= ?1 LIMIT ?2)",
    "DELETE FROM personal_token_changes WHERE id IN (
         SELECT id FROM personal_token_changes WHERE keep_until <= ?1 LIMIT ?2)",
    "DELETE FROM events WHERE id IN (
         SELECT id FROM events WHERE delivered_at IS NOT NULL LIMIT ?2) AND ?1 IS NOT NULL",
];

#[async_trait]
impl Housekeeping for Sqlite {
    async fn collect(
        &self,
        limits: &OutboxLimits,
        batch: u32,
        now: i64,
    ) -> Result<u64, StoreError> {
        let last = now.saturating_sub(COLLECT_AFTER_SECONDS);
        let mut collected = 0;
        for sql in COLLECT {
            collected += self
                .act(move |connection| run(connection, sql, params![last, batch]))
                .await?;
        }
        collected += self.bound_the_outbox(limits, batch, now).await?;
        // Not a separate record: the sealed successor whose grace period is long over.
        self.act(move |connection| {
            run(
                connection,
                "UPDATE grants SET refresh_sealed_successor = NULL WHERE rowid IN (
                     SELECT rowid FROM grants
                     WHERE refresh_sealed_successor IS NOT NULL AND refresh_grace_until < ?1
                     LIMIT ?2)",
                params![last, batch],
            )
        })
        .await?;
        Ok(collected as u64)
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.writer.close().await
    }

    /// Writes, and waits until that is durable: a full disk or a locked database is seen here.
    async fn ready(&self) -> Result<(), StoreError> {
        self.act(|connection| {
            run(connection, "UPDATE readiness SET probes = probes + 1", []).map(drop)
        })
        .await
    }

    /// SQLite has no clock of its own.
    async fn clock_milliseconds(&self) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }
}

impl Sqlite {
    /// Drops the oldest events where there are too many, all that are too many, a batch at a time.
    async fn bound_the_outbox(
        &self,
        limits: &OutboxLimits,
        batch: u32,
        now: i64,
    ) -> Result<usize, StoreError> {
        let mut left = limits.excess(self.undelivered(limits.oldest_kept(now))?, now);
        let mut dropped = 0;
        while left > 0 {
            let batch = left.min(u64::from(batch.max(1)));
            let gone = self
                .act(move |connection| {
                    run(
                        connection,
                        "DELETE FROM events WHERE id IN (
                             SELECT id FROM events WHERE delivered_at IS NULL
                             ORDER BY at, id LIMIT ?1)",
                        params![batch as i64],
                    )
                })
                .await?;
            if gone == 0 {
                break;
            }
            dropped += gone;
            left = left.saturating_sub(gone as u64);
        }
        Ok(dropped)
    }

    fn undelivered(&self, oldest_kept: i64) -> Result<Undelivered, StoreError> {
        let count = |cells: &mut SqliteCells<'_>| Ok(cells.integer()?.unsigned_abs());
        let counted = self.read(|connection| {
            one(
                connection,
                "event",
                "SELECT count(*), count(*) FILTER (WHERE at <= ?1), min(at)
                 FROM events WHERE delivered_at IS NULL",
                params![oldest_kept],
                |cells| {
                    Ok(Undelivered {
                        events: count(cells)?,
                        too_old: count(cells)?,
                        oldest_at: cells.optional_integer()?,
                    })
                },
            )
        })?;
        counted.ok_or_else(|| StoreError::corrupt("event", "", "a count without a row"))
    }
}
