//! The server's integration tests: the accept loop over real sockets, the command line in this
//! process, and as a real one.

mod attacks;
mod binary;
mod cli;
mod client_certificates;
mod command;
mod issuer_paths;
mod listen;
mod reverse_proxy;
mod running;
mod terminal;
mod tls;
