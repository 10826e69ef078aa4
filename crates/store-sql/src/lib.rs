//! The SQL backends: SQLite, complete, and PostgreSQL for the grant store.
//!
//! One folder per engine with the same file names in both; each file holds one record's SQL in
//! full, written for its engine. No rule is here: what an act decides is a function of
//! [`countersign_store`]. SQLite calls it inside the act's savepoint; in PostgreSQL an act is a
//! read, the decision, and a compare-and-set.
//!
//! Each engine is a cargo feature, `sqlite` and `postgres`.

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod rows;
#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
