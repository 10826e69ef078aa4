//! One request: the transport's checks, then the application under a time-out, and a calm page
//! should it panic.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::ConnectInfo;
use countersign_oauth::client_certificate::ClientCertificate;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use tower::{Service, ServiceExt};

use super::activity::Running;
use super::body::Buffering;
use super::handshake::CertificateSource;
use super::limits::Limits;
use super::lingering::Patience;
use super::notice::Notice;
use super::responses::{self, Fault};

/// What all requests of a listener share.
pub(super) struct Shared {
    limits: Limits,
    buffering: Buffering,
    ignored_addresses: Notice,
    ignored_certificates: Notice,
}

impl Shared {
    pub(super) fn new(limits: Limits) -> Self {
        let buffering = Buffering::new(&limits);
        Self {
            limits,
            buffering,
            ignored_addresses: Notice::default(),
            ignored_certificates: Notice::default(),
        }
    }

    /// What the rest of a request may take whose response came before its end.
    pub(super) fn patience(&self) -> Patience {
        Patience {
            time: self.limits.linger,
            bytes: self.limits.max_linger_bytes,
        }
    }

    /// The client's address, if it is known.
    fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<SocketAddr> {
        let peers = &self.limits.peers;
        if let Some(header) = peers.ignored_header(peer.ip(), headers)
            && let Some(held_back) = self.ignored_addresses.due(Instant::now())
        {
            tracing::warn!(
                peer = %peer.ip(),
                header,
                setting = "http.trusted_proxies",
                held_back,
                "ignored a forwarded client address: http.trusted_proxies does not name the peer that sent it. \
                 If that is your reverse proxy, add its address; until then no attempts are counted by its clients' addresses"
            );
        }
        peers.client(peer, headers)
    }

    /// The client's certificate, if it proved one in the handshake, or a trusted proxy passed one
    /// on. A proxy's headers are gone from then on, from any peer.
    fn certificate(&self, visitor: &Visitor, headers: &mut HeaderMap) -> Option<ClientCertificate> {
        let peer = visitor.peer;
        let is_trusted = match &visitor.source {
            CertificateSource::Headers => self.limits.peers.is_trusted(peer.ip()),
            CertificateSource::Handshake(_) => false,
        };
        let taken = self.limits.certificates.take(headers, is_trusted);
        if let CertificateSource::Handshake(certificate) = &visitor.source {
            return certificate.clone();
        }
        taken.unwrap_or_else(|reason| {
            if let Some(held_back) = self.ignored_certificates.due(Instant::now()) {
                tracing::warn!(
                    peer = %peer.ip(),
                    %reason,
                    setting = "client_certificates.header",
                    held_back,
                    "ignored a client's certificate"
                );
            }
            None
        })
    }
}

/// Who is at the other end of a connection.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) peer: SocketAddr,
    pub(super) source: CertificateSource,
}

/// Serves one request. The connection counts as busy until the response's body was taken or
/// dropped.
pub(super) async fn respond<S>(
    shared: Arc<Shared>,
    mut running: Running,
    visitor: Arc<Visitor>,
    request: Request<Incoming>,
    app: S,
) -> Result<Response<BusyBody>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send,
    S::Future: Send,
{
    let accepts_html = responses::accepts_html(request.headers());
    let method = request.method().clone();
    let uri = request.uri().clone();
    let response = match handle(&shared, &mut running, &visitor, request, app).await {
        Ok(response) => response,
        Err(fault) => {
            let (response, request_id) = responses::respond(fault, accepts_html);
            if response.status().is_server_error() {
                tracing::error!(%method, path = shown_path(uri.path()), request_id, cause = fault.cause().name, "request failed");
            } else {
                tracing::info!(%method, path = shown_path(uri.path()), request_id, cause = fault.cause().name, "request refused");
            }
            response
        }
    };
    running.respond();
    Ok(response.map(|body| BusyBody {
        body,
        _running: running,
    }))
}

/// A path for the log. What is no word is part of no address here, and may be a secret in the wrong
/// place.
fn shown_path(path: &str) -> String {
    let shown = path.split('/').take(8).map(|segment| {
        let is_short = segment.len() < 16;
        let is_words = segment.len() < 32
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte));
        match is_short || is_words {
            true => segment,
            false => "...",
        }
    });
    shown.collect::<Vec<_>>().join("/")
}

async fn handle<S>(
    shared: &Shared,
    running: &mut Running,
    visitor: &Visitor,
    request: Request<Incoming>,
    app: S,
) -> Result<Response<Body>, Fault>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send,
    S::Future: Send,
{
    let limits = &shared.limits;
    let has_body = !request.body().is_end_stream();
    if let Err(fault) = limits.hosts.check(&request) {
        if has_body {
            running.leave_rest_unread();
        }
        return Err(fault);
    }
    let client = shared.client(visitor.peer, request.headers());
    let (mut parts, body) = request.into_parts();
    if let Some(certificate) = shared.certificate(visitor, &mut parts.headers) {
        parts.extensions.insert(certificate);
    }
    let (body, _space) = if has_body {
        let read = shared.buffering.read(body).await;
        read.inspect_err(|_| running.leave_rest_unread())?
    } else {
        (Body::empty(), None)
    };
    running.serve();
    let mut request = Request::from_parts(parts, body);
    if let Some(client) = client {
        request.extensions_mut().insert(ConnectInfo(client));
    }

    let work = AssertUnwindSafe(async move { app.oneshot(request).await }).catch_unwind();
    match tokio::time::timeout(limits.request_timeout, work).await {
        Ok(Ok(Ok(response))) => Ok(response),
        Ok(Ok(Err(never))) => match never {},
        // The panic hook has logged what happened and where.
        Ok(Err(_panic)) => Err(Fault::HandlerPanicked),
        Err(_elapsed) => Err(Fault::RequestTookTooLong),
    }
}

/// An response's body, which keeps its connection counted as busy.
pub(super) struct BusyBody {
    body: Body,
    _running: Running,
}

impl hyper::body::Body for BusyBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::shown_path;

    #[test]
    fn a_path_in_the_log_is_words() {
        for (path, shown) in [
            ("/", "/"),
            ("*", "*"),
            ("/token", "/token"),
            (
                "/.well-known/oauth-authorization-server",
                "/.well-known/oauth-authorization-server",
            ),
            ("/id2/authorize", "/id2/authorize"),
            ("/token/Ffu7ZtcwB7KyS-XdsfBb_tbC", "/token/..."),
            ("/correct%20horse%20battery", "/..."),
            (&"/a".repeat(9), "/a/a/a/a/a/a/a"),
        ] {
            assert_eq!(shown_path(path), shown, "{path}");
        }
    }
}
