//! The binary `countersign`, as a library: configuration, command line, accept loop, wiring. Only
//! this crate reads files, and only
//! [`surroundings`] the process's environment and standard streams; [`cli::run`] is the entry.

pub mod catalogue;
pub mod cli;
pub mod configuration;
pub mod configured_key;
pub mod data_directory;
pub mod deployment;
mod hidden_input;
pub mod listen;
pub mod logging;
mod master_key;
pub mod outbound;
pub mod places;
mod preflight;
pub mod quickstart;
pub mod serve;
mod statement_keys;
pub mod surroundings;
pub mod templates;
pub mod tls;
pub mod wording;
