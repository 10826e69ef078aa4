//! Running a statement and reading its rows.

use countersign_jose::base64url;
use countersign_store::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Params, Row};

use crate::rows::{Cells, column_named};

/// Runs a statement, and returns how many rows it changed.
pub(super) fn run(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    connection
        .prepare_cached(sql)
        .map_err(failed)?
        .execute(params)
        .map_err(failed)
}

/// The first row, if there is one.
pub(super) fn one<T>(
    connection: &Connection,
    record: &'static str,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut SqliteCells<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    match rows.next().map_err(failed)? {
        Some(row) => read(&mut SqliteCells::new(record, row)).map(Some),
        None => Ok(None),
    }
}

/// Every row.
pub(super) fn all<T>(
    connection: &Connection,
    record: &'static str,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut SqliteCells<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(&mut SqliteCells::new(record, row))?);
    }
    Ok(found)
}

/// Whether there is a row.
pub(super) fn exists(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    Ok(rows.next().map_err(failed)?.is_some())
}

/// The cells of SQLite's row.
pub(super) struct SqliteCells<'r> {
    record: &'static str,
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> SqliteCells<'r> {
    fn new(record: &'static str, row: &'r Row<'r>) -> SqliteCells<'r> {
        SqliteCells {
            record,
            row,
            next: 0,
        }
    }

    fn cell(&mut self) -> Result<ValueRef<'r>, StoreError> {
        let cell = self.row.get_ref(self.next).map_err(failed)?;
        self.next = self.next.saturating_add(1);
        Ok(cell)
    }
}

impl<'r> Cells<'r> for SqliteCells<'r> {
    fn at(&mut self, column: &str) -> &mut Self {
        let columns = self.row.as_ref();
        self.next = column_named(
            column,
            self.next,
            columns.column_count(),
            |index, wanted| columns.column_name(index).is_ok_and(|name| name == wanted),
        );
        self
    }

    fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        match self.cell()? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.malformed("UTF-8")),
            },
            _ => Err(self.malformed("text")),
        }
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.cell()? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(integer) => Ok(Some(integer)),
            _ => Err(self.malformed("an integer")),
        }
    }

    fn optional_blob(&mut self) -> Result<Option<&'r [u8]>, StoreError> {
        match self.cell()? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(self.malformed("a blob")),
        }
    }

    fn boolean(&mut self) -> Result<bool, StoreError> {
        match self.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.malformed("0 or 1")),
        }
    }

    fn identity(&self) -> (&'static str, String) {
        let id = match self.row.get_ref(0) {
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Ok(ValueRef::Blob(bytes)) => base64url::encode(bytes),
            Ok(ValueRef::Integer(integer)) => integer.to_string(),
            _ => String::new(),
        };
        (self.record, id)
    }

    fn malformed(&self, expected: &str) -> StoreError {
        let index = self.next.saturating_sub(1);
        let column = self.row.as_ref().column_name(index).unwrap_or_default();
        self.corrupt(format!("{column} is not {expected}"))
    }
}

/// What SQLite's refusal means to a caller.
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    use ErrorCode::{ConstraintViolation, DiskFull, NotADatabase, PermissionDenied, ReadOnly};
    match error.sqlite_error_code() {
        Some(ConstraintViolation | DiskFull | NotADatabase | PermissionDenied | ReadOnly) => {
            StoreError::Refused(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}
