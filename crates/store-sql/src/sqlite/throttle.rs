//! Throttle counters. Counting is an act like any other, so racers can't share an allowance.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::throttle::{Attempt, Limit, Throttle, decide};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{one, run};
use crate::rows::Cells;

#[async_trait]
impl Throttle for Sqlite {
    async fn count_attempt(
        &self,
        key: &[u8; 32],
        limit: Limit,
        now: i64,
    ) -> Result<Attempt, StoreError> {
        let key = *key;
        self.act(
            move |connection| match decide(full_again_at(connection, &key)?, limit, now) {
                Err(refused) => Ok(refused),
                Ok(full_again_at) => {
                    run(
                        connection,
                        "INSERT INTO attempts (throttle_key, full_again_at) VALUES (?1, ?2)
                     ON CONFLICT (throttle_key)
                     DO UPDATE SET full_again_at = excluded.full_again_at",
                        params![key, full_again_at],
                    )?;
                    Ok(Attempt::Allowed)
                }
            },
        )
        .await
    }

    async fn forget_attempts(&self, key: &[u8; 32], _now: i64) -> Result<(), StoreError> {
        let key = *key;
        self.act(move |connection| {
            run(
                connection,
                "DELETE FROM attempts WHERE throttle_key = ?1",
                params![key],
            )
            .map(drop)
        })
        .await
    }
}

fn full_again_at(connection: &Connection, key: &[u8; 32]) -> Result<Option<i64>, StoreError> {
    one(
        connection,
        "throttle counter",
        "SELECT full_again_at FROM attempts WHERE throttle_key = ?1",
        params![key],
        |cells| cells.integer(),
    )
}
