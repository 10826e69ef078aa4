//! The accept loop: HTTP/1.1 and HTTP/2, plain (prior knowledge) or over TLS, with a limit on
//! everything that one peer can make us hold or wait for.
//!
//! `axum::serve` has neither a header time-out nor HTTP/2 limits, so the server, the demonstration
//! and the benchmark share this one. It owns connections and the transport's faults; what a request
//! means is the router's.

mod acceptor;
mod activity;
mod bind;
mod body;
mod client_address;
mod client_certificate;
mod connection;
mod door;
pub mod fault;
mod handshake;
mod host;
mod limits;
mod lingering;
mod metered;
mod notice;
mod open_files;
mod origin;
mod refusal;
mod registry;
mod request;
mod responses;
mod shutdown;

pub use acceptor::{serve, serve_doors};
pub use bind::bind;
pub use client_address::Peers;
pub use door::{Door, Transport};
pub use host::HostPolicy;
pub use limits::Limits;
pub use open_files::raise_open_files_limit;
pub use shutdown::termination_signal;
