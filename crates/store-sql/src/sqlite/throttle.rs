//! Throttle counters. Counting is an act like any other, so racers can't share an allowance.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::throttle::{Attempt, Count, Throttle, decide_all, give_back};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{one, run};
use crate::rows::Cells;

#[async_trait]
impl Throttle for Sqlite {
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
        let counts = counts.to_vec();
        self.act(move |connection| {
            let stored = counts
                .iter()
                .map(|count| full_again_at(connection, &count.key))
                .collect::<Result<Vec<_>, _>>()?;
            match decide_all(&stored, &counts, now) {
                Err(refused) => Ok(Attempt::Refused(refused)),
                Ok(next) => {
                    for (count, full_again_at) in counts.iter().zip(next) {
                        keep(connection, &count.key, full_again_at)?;
                    }
                    Ok(Attempt::Allowed)
                }
            }
        })
        .await
    }

    async fn settle_attempts(
        &self,
        forget: &[[u8; 32]],
        give_back_to: &[Count],
        _now: i64,
    ) -> Result<(), StoreError> {
        let (forget, give_back_to) = (forget.to_vec(), give_back_to.to_vec());
        self.act(move |connection| {
            for key in &forget {
                run(
                    connection,
                    "DELETE FROM attempts WHERE throttle_key = ?1",
                    params![key],
                )?;
            }
            for count in &give_back_to {
                if let Some(stored) = full_again_at(connection, &count.key)? {
                    keep(connection, &count.key, give_back(stored, count.limit))?;
                }
            }
            Ok(())
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

fn keep(connection: &Connection, key: &[u8; 32], full_again_at: i64) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO attempts (throttle_key, full_again_at) VALUES (?1, ?2)
         ON CONFLICT (throttle_key) DO UPDATE SET full_again_at = excluded.full_again_at",
        params![key, full_again_at],
    )
    .map(drop)
}
