//! The binary `countersign`, as a library: configuration, command line, accept loop, wiring. Only this crate reads files and the environment.

pub mod cli;
pub mod configuration;
pub mod data_directory;
pub mod deployment;
pub mod listen;
pub mod logging;
pub mod management;
pub mod provider_settings;
pub mod quickstart;
pub mod serve;
