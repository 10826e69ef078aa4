//! The server's integration tests: the accept loop over real sockets, the command line as a real process.

mod cli;
mod command;
mod listen;
