//! The binary `countersign`, as a library: configuration, command line, accept loop, wiring. Only this crate reads files and the environment.

pub mod configuration;
pub mod listen;
