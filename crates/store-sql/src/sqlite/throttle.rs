//! Throttle counters. Counting is an act like any other, so racers can't share an allowance.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::throttle::{Attempt, Count, Throttle, Window, judge};
use rusqlite::{Connection, params};

use super::Sqlite;
use super::statements::{one, run};
use crate::rows::Cells;

#[async_trait]
impl Throttle for Sqlite {
    async fn count_attempts(&self, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
        let counts = counts.to_vec();
        self.act(move |connection| count(connection, &counts, now))
            .await
    }

    async fn settle_attempts(
        &self,
        forget: &[Count],
        give_back: &[Count],
        counted_at: i64,
    ) -> Result<(), StoreError> {
        let (forget, give_back) = (forget.to_vec(), give_back.to_vec());
        self.act(move |connection| {
            for count in &forget {
                run(
                    connection,
                    "DELETE FROM attempts WHERE throttle_key = ?1",
                    params![count.window(counted_at).key],
                )?;
            }
            for count in &give_back {
                run(
                    connection,
                    "UPDATE attempts SET counted = counted - 1
                     WHERE throttle_key = ?1 AND counted > 0",
                    params![count.window(counted_at).key],
                )?;
            }
            Ok(())
        })
        .await
    }
}

/// The sums are read before anything is added: whoever is refused again and again writes nothing.
fn count(connection: &Connection, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
    let mut with_this = Vec::with_capacity(counts.len());
    for count in counts {
        with_this.push((*count, counted(connection, &count.window(now))? + 1));
    }
    let attempt = judge(with_this, now);
    if attempt == Attempt::Allowed {
        for count in counts {
            let Window { key, ends_at } = count.window(now);
            run(
                connection,
                "INSERT INTO attempts (throttle_key, counted, ends_at) VALUES (?1, 1, ?2)
                 ON CONFLICT (throttle_key) DO UPDATE SET counted = counted + 1",
                params![key, ends_at],
            )?;
        }
    }
    Ok(attempt)
}

fn counted(connection: &Connection, window: &Window) -> Result<i64, StoreError> {
    let found = one(
        connection,
        "throttle counter",
        "SELECT counted FROM attempts WHERE throttle_key = ?1",
        params![window.key],
        |cells| cells.integer(),
    )?;
    Ok(found.unwrap_or(0))
}
