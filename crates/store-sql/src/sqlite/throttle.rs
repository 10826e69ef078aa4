//! Throttle counters. Counting is an act like any other, so racers can't share an allowance.

use std::collections::HashMap;

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::throttle::{Attempt, Count, Throttle, Window, judge};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::Sqlite;
use super::statements::{all, run};
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
        let keys = |counts: &[Count]| -> Vec<[u8; 32]> {
            let keys = counts.iter().map(|count| count.window(counted_at).key);
            keys.collect()
        };
        let (forget, give_back) = (keys(forget), keys(give_back));
        self.act(move |connection| {
            if !forget.is_empty() {
                let these = places(forget.len());
                let sql = format!("DELETE FROM attempts WHERE throttle_key IN ({these})");
                run(connection, &sql, params_from_iter(&forget))?;
            }
            if !give_back.is_empty() {
                let these = places(give_back.len());
                let sql = format!(
                    "UPDATE attempts SET counted = counted - 1
                     WHERE throttle_key IN ({these}) AND counted > 0"
                );
                run(connection, &sql, params_from_iter(&give_back))?;
            }
            Ok(())
        })
        .await
    }
}

/// One statement reads the sums of all counters and one adds to them, however many there are. The
/// sums are read before anything is added, so that repeated refusals write nothing.
fn count(connection: &Connection, counts: &[Count], now: i64) -> Result<Attempt, StoreError> {
    let windows: Vec<Window> = counts.iter().map(|count| count.window(now)).collect();
    let counted = counted(connection, &windows)?;
    let with_this = counts.iter().zip(&windows).map(|(count, window)| {
        let before = counted.get(&window.key).copied().unwrap_or(0);
        (*count, before + 1)
    });
    let attempt = judge(with_this, now);
    if attempt == Attempt::Allowed && !windows.is_empty() {
        let rows = vec!["(?, 1, ?)"; windows.len()].join(", ");
        let sql = format!(
            "INSERT INTO attempts (throttle_key, counted, ends_at) VALUES {rows}
             ON CONFLICT (throttle_key) DO UPDATE SET counted = counted + 1"
        );
        let cells = windows.iter().flat_map(|window| {
            let cells: [&dyn ToSql; 2] = [&window.key, &window.ends_at];
            cells
        });
        run(connection, &sql, params_from_iter(cells))?;
    }
    Ok(attempt)
}

fn counted(
    connection: &Connection,
    windows: &[Window],
) -> Result<HashMap<[u8; 32], i64>, StoreError> {
    let these = places(windows.len());
    let sql = format!("SELECT throttle_key, counted FROM attempts WHERE throttle_key IN ({these})");
    let keys = params_from_iter(windows.iter().map(|window| window.key));
    let found = all(connection, "throttle counter", &sql, keys, |cells| {
        Ok((cells.bytes()?, cells.integer()?))
    })?;
    Ok(found.into_iter().collect())
}

/// A place for each value. There are few lengths, so the statements stay prepared.
fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}
