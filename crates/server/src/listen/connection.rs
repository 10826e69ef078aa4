//! One connection from its acceptance to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower::Service;

use super::door::Transport;
use super::handshake::{CertificateSource, shake_hands};
use super::metered::Metered;
use super::registry::{Entry, Ticket, Urgency};
use super::request::{Shared, Visitor, respond};

/// What all connections of a listener share.
#[derive(Clone)]
pub(super) struct Connections<S> {
    pub(super) builder: Arc<auto::Builder<TokioExecutor>>,
    pub(super) shared: Arc<Shared>,
    pub(super) transport: Transport,
    pub(super) app: S,
}

impl<S> Connections<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    /// Serves the connection in a task of its own.
    pub(super) fn start(&self, stream: TcpStream, peer: SocketAddr, ticket: Ticket) {
        let connections = self.clone();
        tokio::spawn(async move {
            connections.open(stream, peer, &ticket.entry).await;
            drop(ticket);
        });
    }

    /// The handshake, then HTTP. Until a request's first byte the connection counts as one of which
    /// nothing came yet, so a handshake has the time that a header has, and is closed like one
    /// where places are used up.
    async fn open(&self, stream: TcpStream, peer: SocketAddr, entry: &Entry) {
        let tls = match &self.transport {
            Transport::Plain => {
                return self
                    .run(stream, CertificateSource::Headers, peer, entry)
                    .await;
            }
            Transport::Tls(tls) => tls,
        };
        let handshake = tokio::select! {
            biased;
            handshake = shake_hands(tls, stream) => handshake,
            () = entry.told_to_close() => return,
        };
        match handshake {
            Ok((stream, source)) => self.run(stream, source, peer, entry).await,
            Err(error) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        }
    }

    async fn run<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: T,
        source: CertificateSource,
        peer: SocketAddr,
        entry: &Entry,
    ) {
        let visitor = Arc::new(Visitor { peer, source });
        let service = service_fn(|request: Request<Incoming>| {
            respond(
                Arc::clone(&self.shared),
                entry.activity.begin(),
                Arc::clone(&visitor),
                request,
                self.app.clone(),
            )
        });
        let metered = Metered::new(stream, Arc::clone(&entry.activity), self.shared.patience());
        let io = TokioIo::new(metered);
        let mut connection = pin!(self.builder.serve_connection(io, service));
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "a connection ended with an error");
                    }
                    break;
                }
                urgency = entry.asked_to_close() => match urgency {
                    Urgency::Open => {}
                    Urgency::WhenIdle => connection.as_mut().graceful_shutdown(),
                    Urgency::UnlessRunning if entry.activity.is_running() => entry.reprieve(),
                    Urgency::UnlessRunning | Urgency::AtOnce => break,
                }
            }
        }
    }
}
