//! The command line, in this process.

mod client_owners;
mod client_secrets;
mod clients;
mod configuration;
mod errors;
mod exposure;
mod grants;
mod help;
mod keys;
mod master_key;
mod quickstart;
mod registration_token;
mod resources;
mod restored;
mod rotate_master;
mod serve;
mod threads;
mod tokens;
mod users;
