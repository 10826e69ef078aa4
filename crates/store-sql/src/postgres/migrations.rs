//! The schema's versions, applied at connection under a lock that other processes wait for.

use countersign_store::StoreError;
use deadpool_postgres::{Object, Transaction};

use super::statements::failed;

/// "CSGN": the advisory lock under which the schema changes.
const LOCK: i64 = 0x4353_474e;

/// In the order in which they are applied; a released one never changes.
const MIGRATIONS: [&str; 1] = [include_str!(
    "../../migrations/postgres/0001_grant_store.sql"
)];

/// The version that the first migration makes. Those before it were schemas of programs that were
/// never released.
const FIRST: i64 = 3;

pub(super) async fn apply(client: &mut Object) -> Result<(), StoreError> {
    let transaction = client.transaction().await.map_err(failed)?;
    match migrate(&transaction).await {
        Ok(()) => transaction.commit().await.map_err(failed),
        Err(error) => {
            // Awaited, so that the lock is free before this returns.
            transaction.rollback().await.map_err(failed)?;
            Err(error)
        }
    }
}

async fn migrate(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await
        .map_err(failed)?;
    transaction
        .batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await
        .map_err(failed)?;
    let found = transaction
        .query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[])
        .await
        .and_then(|row| row.try_get::<_, i64>(0))
        .map_err(failed)?;
    let known = FIRST + MIGRATIONS.len() as i64 - 1;
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if 0 < found && found < FIRST {
        let oldest = FIRST;
        return Err(StoreError::UnreleasedSchema { found, oldest });
    }
    for (version, migration) in (FIRST..).zip(MIGRATIONS) {
        if version > found {
            transaction.batch_execute(migration).await.map_err(failed)?;
            let sql = "INSERT INTO schema_version (version) VALUES ($1)";
            transaction
                .execute(sql, &[&version])
                .await
                .map_err(failed)?;
        }
    }
    Ok(())
}
