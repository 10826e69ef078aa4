//! What can go wrong in the store itself. Outcomes of an act are not errors.

use thiserror::Error;

/// A fault of the store. None of these says anything about the request that caused it: the response
/// is `server_error` or `temporarily_unavailable`, and no act was acknowledged.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The engine did not respond, or could not make the act durable. The act may or may not have
    /// happened; it was not acknowledged.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row that matches no valid state of its record. It is reported and left unchanged.
    #[error("a {record} record is corrupt ({id}): {why}")]
    Corrupt {
        record: &'static str,
        /// Identifier of the row, never a secret.
        id: String,
        why: String,
    },
    /// The database was written by a newer version of this program.
    #[error("the database has schema version {found}; this program knows up to {known}")]
    NewerSchema { found: i64, known: i64 },
    /// The database has the schema of a program that was never released. It is left as it is.
    #[error(
        "the database has schema version {found}, from before the first release; this program reads {oldest} and later"
    )]
    UnreleasedSchema { found: i64, oldest: i64 },
    /// A record was written by a newer version of this program. Nothing was decided on it.
    #[error("{record} {id} has format {found}; this program knows up to {known}")]
    NewerRecord {
        record: &'static str,
        /// Identifier of the record, never a secret.
        id: String,
        found: i64,
        known: i64,
    },
    /// Other acts on the same record came first until the act's deadline, or it is not known
    /// whether the act happened. The caller may try again.
    #[error("too many concurrent acts on one record, or the outcome of one is unknown")]
    Contended,
    /// The store refuses the operation for reasons of its own (a full disk, a read-only database).
    #[error("the store refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// Shorthand for a backend that found a row it cannot read.
    pub fn corrupt(record: &'static str, id: impl ToString, why: impl ToString) -> StoreError {
        StoreError::Corrupt {
            record,
            id: id.to_string(),
            why: why.to_string(),
        }
    }
}
