//! What was used and may not be used again.

use async_trait::async_trait;
use countersign_store::StoreError;
use countersign_store::replay::{Replays, Use, UseKey, forgotten_until};
use rusqlite::params;

use super::Sqlite;
use super::statements::run;

#[async_trait]
impl Replays for Sqlite {
    async fn use_once(&self, key: &UseKey, until: i64, now: i64) -> Result<Use, StoreError> {
        let key = *key;
        let changed = self.act(move |connection| {
            run(
                connection,
                "INSERT INTO used_once (use_key, until) VALUES (?1, ?2)
                 ON CONFLICT (use_key) DO UPDATE SET until = excluded.until
                 WHERE used_once.until <= ?3",
                params![key.as_bytes(), until, forgotten_until(now)],
            )
        });
        Ok(match changed.await? {
            0 => Use::Repeated,
            _ => Use::First,
        })
    }
}
