//! The command line as a real process.

mod clients;
mod configuration;
mod keys;
mod quickstart;
mod serve;
mod users;
