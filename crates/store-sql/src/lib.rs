//! The SQL backends: SQLite whole, PostgreSQL for the grants.
//!
//! One folder per engine with the same file names in both; each file holds one record's SQL in
//! full, written for its engine. What an act decides is not here: SQLite calls the decision
//! functions of [`countersign_store`] inside the transaction, PostgreSQL states them in SQL, and
//! the shared suite holds both to the same answers.

pub mod postgres;
mod rows;
pub mod sqlite;

pub use postgres::Postgres;
pub use sqlite::Sqlite;
