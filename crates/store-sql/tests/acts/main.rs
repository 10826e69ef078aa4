//! What the shared suite can't know of: files and schemas, crashes, system calls.

mod children;
mod crashes;
mod database_file;
mod fixtures;
mod postgres;
mod syncs;
