//! The SQL backends against their promises: outcomes, races between processes, crashes, syncs.

mod children;
mod crashes;
mod database_file;
mod fixtures;
mod outcomes;
mod postgres;
mod processes;
mod records;
mod syncs;
