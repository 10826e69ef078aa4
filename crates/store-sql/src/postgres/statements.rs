//! Running a statement and reading its rows.

use countersign_jose::base64url;
use countersign_store::StoreError;
use countersign_store::events::Event;
use deadpool_postgres::{GenericClient, Object, Transaction};
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, ToSql};

use super::Postgres;
use crate::rows::{Cells, column_named};

pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// Runs a statement in a transaction of its own; returns how many rows its main part changed.
    pub(super) async fn run(&self, sql: &str, params: Params<'_>) -> Result<u64, StoreError> {
        let client = self.connection().await?;
        match timeout(self.timeout, run(&client, sql, params)).await {
            Ok(changed) => changed,
            Err(_) => Err(give_up(client)),
        }
    }

    /// The one row of a statement in a transaction of its own, if there is one.
    pub(super) async fn one<T>(
        &self,
        record: &'static str,
        sql: &str,
        params: Params<'_>,
        read: impl FnOnce(&mut PostgresCells<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let client = self.connection().await?;
        match timeout(self.timeout, one(&client, record, sql, params, read)).await {
            Ok(found) => found,
            Err(_) => Err(give_up(client)),
        }
    }

    /// Begins a transaction in which no lock is waited for longer than the store's time-out, and
    /// which does not outlive its process for longer. The transaction itself says so: a pooler
    /// keeps nothing of a session.
    pub(super) async fn begin<'a>(
        &self,
        client: &'a mut Object,
    ) -> Result<Transaction<'a>, StoreError> {
        let transaction = client.transaction().await.map_err(failed)?;
        let timeout = self.timeout.as_millis();
        let limits = format!(
            "SET LOCAL lock_timeout = {timeout};
             SET LOCAL idle_in_transaction_session_timeout = {timeout}"
        );
        transaction.batch_execute(&limits).await.map_err(failed)?;
        Ok(transaction)
    }
}

/// Closes a connection that did not answer in time, so that no one else waits for it.
pub(super) fn give_up(client: Object) -> StoreError {
    drop(Object::take(client));
    StoreError::Unavailable("PostgreSQL did not answer in time".to_owned())
}

pub(super) async fn run(
    client: &impl GenericClient,
    sql: &str,
    params: Params<'_>,
) -> Result<u64, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    client.execute(&statement, params).await.map_err(failed)
}

pub(super) async fn one<T>(
    client: &impl GenericClient,
    record: &'static str,
    sql: &str,
    params: Params<'_>,
    read: impl FnOnce(&mut PostgresCells<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    let row = client.query_opt(&statement, params).await.map_err(failed)?;
    row.as_ref()
        .map(|row| read(&mut PostgresCells::new(record, row)))
        .transpose()
}

pub(super) async fn all<T>(
    client: &impl GenericClient,
    record: &'static str,
    sql: &str,
    params: Params<'_>,
    mut read: impl FnMut(&mut PostgresCells<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    let rows = client.query(&statement, params).await.map_err(failed)?;
    rows.iter()
        .map(|row| read(&mut PostgresCells::new(record, row)))
        .collect()
}

/// Writes what a decision tells, if it tells anything.
pub(super) async fn append(
    client: &impl GenericClient,
    event: Option<Event>,
) -> Result<(), StoreError> {
    let Some(event) = event else {
        return Ok(());
    };
    run(
        client,
        "INSERT INTO events (kind, at, sub, client_id, about, cause)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &event.kind.as_str(),
            &event.at,
            &event.sub,
            &event.client_id,
            &event.about,
            &event.cause,
        ],
    )
    .await
    .map(drop)
}

/// The cells of PostgreSQL's row.
pub(super) struct PostgresCells<'r> {
    record: &'static str,
    row: &'r Row,
    next: usize,
}

impl<'r> PostgresCells<'r> {
    pub(super) fn new(record: &'static str, row: &'r Row) -> PostgresCells<'r> {
        PostgresCells {
            record,
            row,
            next: 0,
        }
    }

    fn cell<T: FromSql<'r>>(&mut self) -> Result<Option<T>, StoreError> {
        let index = self.next;
        self.next = self.next.saturating_add(1);
        self.row.try_get(index).map_err(|error| self.corrupt(error))
    }
}

impl<'r> Cells<'r> for PostgresCells<'r> {
    fn at(&mut self, column: &str) -> &mut Self {
        let columns = self.row.columns();
        self.next = column_named(column, self.next, columns.len(), |index, wanted| {
            columns[index].name() == wanted
        });
        self
    }

    fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        self.cell()
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        self.cell()
    }

    fn optional_blob(&mut self) -> Result<Option<&'r [u8]>, StoreError> {
        self.cell()
    }

    fn boolean(&mut self) -> Result<bool, StoreError> {
        self.cell()?.ok_or_else(|| self.malformed("a boolean"))
    }

    fn identity(&self) -> (&'static str, String) {
        let id = match self.row.try_get::<_, &[u8]>(0) {
            Ok(bytes) => base64url::encode(bytes),
            Err(_) => self
                .row
                .try_get::<_, &str>(0)
                .unwrap_or_default()
                .to_owned(),
        };
        (self.record, id)
    }

    fn malformed(&self, expected: &str) -> StoreError {
        let column = self.row.columns().get(self.next.saturating_sub(1));
        let column = column.map_or("a column", |column| column.name());
        self.corrupt(format!("{column} is not {expected}"))
    }
}

/// Whether a statement that failed so may have been committed, or may still be: its answer was
/// lost, or an operator or a time-out interrupted it (SQLSTATE class 57), which can happen while
/// the commit waits for a standby. Any other refusal is a rollback.
pub(super) fn is_of_unknown_fate(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        None => true,
        Some(database) => database.code().code().starts_with("57"),
    }
}

/// What PostgreSQL's refusal means to a caller.
pub(super) fn failed(error: tokio_postgres::Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        return StoreError::Unavailable(error.to_string());
    };
    let text = format!("{}: {}", database.code().code(), database.message());
    let class = database.code().code().get(..2);
    let refused = *database.code() == SqlState::READ_ONLY_SQL_TRANSACTION
        || *database.code() == SqlState::DISK_FULL
        || matches!(class, Some("22" | "23" | "42"));
    match refused {
        true => StoreError::Refused(text),
        false => StoreError::Unavailable(text),
    }
}
