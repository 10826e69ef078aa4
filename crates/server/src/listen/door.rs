//! A listening socket of a server, and what is behind it.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::tls::ListenerTls;

/// A listening socket, how its connections are protected, and the application that they reach.
#[derive(Debug)]
pub struct Door<S> {
    pub listener: TcpListener,
    pub transport: Transport,
    pub app: S,
}

/// How the connections of a listener are protected.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Not protected by this server.
    Plain,
    Tls(Arc<ListenerTls>),
}
