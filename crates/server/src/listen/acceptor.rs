//! Accepting connections, surviving what accepting can fail with, and ending gracefully.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::future::join_all;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

use super::connection::Connections;
use super::door::{Door, Transport};
use super::limits::Limits;
use super::open_files::connections_that_fit;
use super::origin::Origin;
use super::refusal::Refusals;
use super::registry::{Registry, Ticket, Urgency};
use super::request::Shared;

/// How long to wait before accepting again when the process has no file descriptor or memory left.
const PAUSE_WITHOUT_RESOURCES: Duration = Duration::from_millis(50);

/// Serves `app` on `listener`, without TLS: see [`serve_doors`].
pub async fn serve<S>(
    listener: TcpListener,
    app: S,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let door = Door {
        listener,
        transport: Transport::Plain,
        app,
    };
    serve_doors(vec![door], limits, shutdown).await;
}

/// Serves what is behind each door until `shutdown` completes. Then accepts no new connections, and
/// lets running requests finish within `limits.graceful_shutdown`. Returns when every connection is
/// closed. The limits apply to all doors together.
///
/// Each request carries `axum::extract::ConnectInfo<SocketAddr>`, the client's address, unless a
/// proxy hides it ([`Peers`](super::client_address::Peers)). The body that `app` sees has been read
/// completely.
pub async fn serve_doors<S>(doors: Vec<Door<S>>, limits: Limits, shutdown: impl Future<Output = ()>)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let capacity = connections_that_fit(limits.max_connections);
    let registry = Arc::new(Registry::new(capacity));
    let builder = Arc::new(http_builder(&limits));
    let shared = Arc::new(Shared::new(limits.clone()));
    let refusals = Refusals::default();
    let sweeper = tokio::spawn(sweep(Arc::clone(&registry), limits.clone()));

    let accepting = join_all(doors.into_iter().map(|door| {
        let connections = Connections {
            builder: Arc::clone(&builder),
            shared: Arc::clone(&shared),
            transport: door.transport,
            app: door.app,
        };
        accept(door.listener, connections, &registry, &limits, &refusals)
    }));
    tokio::select! {
        biased;
        () = shutdown => {}
        _ = accepting => {}
    }
    drain(&registry, limits.graceful_shutdown).await;
    sweeper.abort();
}

/// Accepts the connections of one door, without end.
async fn accept<S>(
    listener: TcpListener,
    connections: Connections<S>,
    registry: &Arc<Registry>,
    limits: &Limits,
    refusals: &Refusals,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match admit(registry, Origin::of(peer.ip(), &limits.peers)) {
                Some(entry) => {
                    prepare(&stream);
                    connections.start(stream, peer, entry);
                }
                None => refusals.refuse(stream, &connections.transport),
            },
            Err(error) => recover(registry, &error).await,
        }
    }
}

/// A place for a new connection, made by closing others where all are taken.
fn admit(registry: &Arc<Registry>, origin: Option<Origin>) -> Option<Ticket> {
    registry.admit(origin).or_else(|| {
        let closed = registry.make_room();
        tracing::debug!(
            closed,
            "connections are used up; closed some that wait for their peer"
        );
        registry.admit(origin)
    })
}

/// Small responses must not wait for the acknowledgement of earlier ones (Nagle).
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before its options were set");
    }
}

/// A connection that died before it was accepted is nothing; out of file descriptors or memory
/// means making room and trying later.
async fn recover(registry: &Registry, error: &io::Error) {
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    ) {
        return;
    }
    let closed = registry.make_room();
    tracing::warn!(%error, closed, "can't accept connections; closed some that wait for their peer, and trying again");
    tokio::time::sleep(PAUSE_WITHOUT_RESOURCES).await;
}

/// Looks for connections that have outlived a limit, as often as the shortest limit needs.
async fn sweep(registry: Arc<Registry>, limits: Limits) {
    let period =
        (limits.shortest() / 8).clamp(Duration::from_millis(10), Duration::from_millis(250));
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        registry.sweep(&limits);
    }
}

async fn drain(registry: &Registry, deadline: Duration) {
    registry.close_all(Urgency::WhenIdle);
    if tokio::time::timeout(deadline, registry.emptied())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = registry.open(),
            "requests were still running when the time to finish was over"
        );
        registry.close_all(Urgency::AtOnce);
        // Closing is only dropping; a task that doesn't come to it within this time is stuck in a
        // handler.
        _ = tokio::time::timeout(Duration::from_millis(500), registry.emptied()).await;
    }
}

fn http_builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The registry watches headers and idleness: hyper's own timeout doesn't start before the
        // first bytes have arrived.
        .header_read_timeout(None)
        .max_buf_size(usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_concurrent_streams)
        .max_header_list_size(limits.max_header_bytes)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(128)
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(262_144)
        .max_send_buf_size(65_536);
    builder
}
