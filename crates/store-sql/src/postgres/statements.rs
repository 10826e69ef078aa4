//! Running a statement and reading its rows.

use countersign_jose::base64url;
use countersign_store::StoreError;
use deadpool_postgres::Object;
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
        let changed = async {
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, params).await
        };
        match timeout(self.timeout, changed).await {
            Ok(changed) => changed.map_err(failed),
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
        let row = async {
            let statement = client.prepare_cached(sql).await?;
            client.query_opt(&statement, params).await
        };
        let row = match timeout(self.timeout, row).await {
            Ok(row) => row.map_err(failed)?,
            Err(_) => return Err(give_up(client)),
        };
        row.as_ref()
            .map(|row| read(&mut PostgresCells::new(record, row)))
            .transpose()
    }

    /// The rows of a statement in a transaction of its own.
    pub(super) async fn all<T>(
        &self,
        record: &'static str,
        sql: &str,
        params: Params<'_>,
        mut read: impl FnMut(&mut PostgresCells<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.rows(sql, params).await?;
        rows.iter()
            .map(|row| read(&mut PostgresCells::new(record, row)))
            .collect()
    }

    /// The rows of a statement in a transaction of its own, not decoded.
    pub(super) async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        let client = self.connection().await?;
        let rows = async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, params).await
        };
        match timeout(self.timeout, rows).await {
            Ok(rows) => rows.map_err(failed),
            Err(_) => Err(give_up(client)),
        }
    }
}

/// Closes a connection that did not respond in time, so that no one else waits for it.
pub(super) fn give_up(client: Object) -> StoreError {
    drop(Object::take(client));
    StoreError::Unavailable("PostgreSQL did not respond in time".to_owned())
}

/// The cells of a row of PostgreSQL, or of the end of a row.
pub(super) struct PostgresCells<'r> {
    record: &'static str,
    row: &'r Row,
    first: usize,
    next: usize,
}

impl<'r> PostgresCells<'r> {
    pub(super) fn new(record: &'static str, row: &'r Row) -> PostgresCells<'r> {
        PostgresCells {
            record,
            row,
            first: 0,
            next: 0,
        }
    }

    /// The cells from the column of this name on: those of a second record, after those of the
    /// first.
    pub(super) fn beginning_at(
        record: &'static str,
        row: &'r Row,
        column: &str,
    ) -> PostgresCells<'r> {
        let mut cells = PostgresCells::new(record, row);
        cells.first = cells.at(column).next;
        cells
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
            index >= self.first && columns[index].name() == wanted
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
        let id = match self.row.try_get::<_, &[u8]>(self.first) {
            Ok(bytes) => base64url::encode(bytes),
            Err(_) => self
                .row
                .try_get::<_, &str>(self.first)
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

/// Whether a statement that failed with this error may have been committed, or may still be: its
/// response was lost, or an operator or a timeout interrupted it (SQLSTATE class 57), which can
/// happen while the commit waits for a standby. Any other error is a rollback.
pub(super) fn is_of_unknown_fate(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        None => true,
        Some(database) => database.code().code().starts_with("57"),
    }
}

/// What an error of PostgreSQL means to the caller.
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
