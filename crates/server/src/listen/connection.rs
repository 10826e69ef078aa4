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
use tokio::net::TcpStream;
use tower::Service;

use super::metered::Metered;
use super::registry::{Ticket, Urgency};
use super::request::{Shared, respond};

/// What all connections of a listener share.
pub(super) struct Connections<S> {
    pub(super) builder: Arc<auto::Builder<TokioExecutor>>,
    pub(super) shared: Arc<Shared>,
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
        let (builder, shared, app) = (
            Arc::clone(&self.builder),
            Arc::clone(&self.shared),
            self.app.clone(),
        );
        tokio::spawn(async move {
            let entry = Arc::clone(&ticket.entry);
            let service = service_fn(|request: Request<Incoming>| {
                respond(
                    Arc::clone(&shared),
                    entry.activity.begin(),
                    peer,
                    request,
                    app.clone(),
                )
            });
            let metered = Metered::new(stream, Arc::clone(&entry.activity), shared.patience());
            let io = TokioIo::new(metered);
            let mut connection = pin!(builder.serve_connection(io, service));
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
            drop(ticket);
        });
    }
}
