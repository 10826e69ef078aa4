//! The suite that every backend passes (`countersign_store::suite`), on each SQL backend.

mod postgres;
mod sqlite;
