//! The command line, in this process.

mod client_secrets;
mod clients;
mod configuration;
mod errors;
mod exposure;
mod help;
mod keys;
mod master_key;
mod quickstart;
mod restored;
mod serve;
mod threads;
mod users;
