//! The accept loop over real sockets: what it responses, and what it lets a peer do to it.

mod lingering;
mod places;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use countersign::listen::{HostPolicy, Limits, serve};
use http_body_util::BodyExt;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longer than any limit of these tests: what isn't there by then isn't coming.
const SOON: Duration = Duration::from_secs(5);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

fn app() -> Router {
    Router::new()
        .route(
            "/",
            get(async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string()),
        )
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route(
            "/slow",
            get(async || tokio::time::sleep(Duration::from_millis(400)).await),
        )
        .route("/never", get(async || std::future::pending::<()>().await))
        .route(
            "/panic",
            get(async || {
                if true {
                    panic!("canary of the panic")
                }
            }),
        )
}

async fn start(limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(serve(listener, app(), limits, async { _ = stopped.await }));
    Server {
        address,
        stop,
        ended,
    }
}

fn limits() -> Limits {
    Limits {
        header_read_timeout: Duration::from_millis(300),
        body_read_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_secs(2),
        keep_alive: Duration::from_secs(1),
        ..Limits::default()
    }
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Sends and reads one whole response: up to the end of the declared length, or of the connection.
async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    read_response(stream).await
}

async fn read_response(stream: &mut TcpStream) -> String {
    let mut response = Vec::new();
    let read = async {
        loop {
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(length) => response.extend_from_slice(&buffer[..length]),
            }
            let text = String::from_utf8_lossy(&response);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if length.is_some_and(|length| body.len() >= length) {
                    break;
                }
            }
        }
    };
    tokio::time::timeout(SOON, read)
        .await
        .expect("an response or the end of the connection");
    String::from_utf8_lossy(&response).into_owned()
}

/// How long until the peer closes, without anything being sent.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let start = Instant::now();
    let mut buffer = [0; 4096];
    let read =
        async { while matches!(stream.read(&mut buffer).await, Ok(length) if length > 0) {} };
    tokio::time::timeout(SOON, read)
        .await
        .expect("the connection should have been closed");
    start.elapsed()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn a_connection_answers_one_request_after_the_other_and_tells_the_peer() {
    let server = start(limits()).await;
    let mut stream = connect(&server).await;
    for _ in 0..3 {
        let response = exchange(&mut stream, GET).await;
        assert!(
            response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("127.0.0.1"),
            "{response}"
        );
    }
}

#[tokio::test]
async fn http2_is_spoken_with_prior_knowledge() {
    let server = start(limits()).await;
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Body>();
    let uri: http::Uri = format!("http://{}/", server.address).parse().unwrap();
    let responses = futures_util::future::join_all((0..50).map(|_| client.get(uri.clone()))).await;
    for response in responses {
        let response = response.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.version()),
            (200, http::Version::HTTP_2)
        );
        assert_eq!(
            response.into_body().collect().await.unwrap().to_bytes(),
            "127.0.0.1"
        );
    }
}

#[tokio::test]
async fn a_peer_that_sends_nothing_or_half_a_header_is_dropped_in_time() {
    let server = start(limits()).await;
    for sent in ["", "GET / HTTP/1.1\r\nHost: loc", "PRI * HTTP/2.0\r\n"] {
        let mut stream = connect(&server).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        let elapsed = closed_after(&mut stream).await;
        assert!(
            (Duration::from_millis(200)..Duration::from_secs(2)).contains(&elapsed),
            "{sent:?}: {elapsed:?}"
        );
    }
    let mut stream = connect(&server).await;
    exchange(&mut stream, GET).await;
    stream.write_all(b"GET / HTT").await.unwrap();
    assert!(
        closed_after(&mut stream).await < Duration::from_millis(900),
        "the second header is watched like the first"
    );
}

#[tokio::test]
async fn a_header_that_is_dripped_does_not_buy_time() {
    let server = start(limits()).await;
    let (mut reader, mut writer) = connect(&server).await.into_split();
    let dripping = tokio::spawn(async move {
        for byte in format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {}",
            "a".repeat(100)
        )
        .bytes()
        {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let start = Instant::now();
    let mut buffer = Vec::new();
    _ = tokio::time::timeout(SOON, reader.read_to_end(&mut buffer))
        .await
        .expect("closed");
    assert!(
        start.elapsed() < Duration::from_millis(1200),
        "{:?}",
        start.elapsed()
    );
    dripping.abort();
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_keep_alive_time_and_not_before() {
    let server = start(limits()).await;
    let mut stream = connect(&server).await;
    exchange(&mut stream, GET).await;
    let elapsed = closed_after(&mut stream).await;
    assert!(
        (Duration::from_millis(800)..Duration::from_secs(3)).contains(&elapsed),
        "{elapsed:?}"
    );
}

#[tokio::test]
async fn a_body_is_read_whole_within_its_time_and_size() {
    let server = start(Limits {
        max_body_bytes: 100_000,
        ..limits()
    })
    .await;
    let post = |length: usize| {
        format!("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
    };

    let mut stream = connect(&server).await;
    let response = exchange(&mut stream, &(post(60_000) + &"a".repeat(60_000))).await;
    assert!(
        response.starts_with("HTTP/1.1 200 ") && response.ends_with("60000"),
        "{response}"
    );
    let response = exchange(&mut stream, "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").await;
    assert!(response.ends_with("\r\n\r\n5"), "{response}");

    // RFC 9110, section 15.5.9: 408; and a declared length is refused before its first byte.
    let response = exchange(&mut stream, &(post(10) + "abc")).await;
    assert!(
        response.starts_with("HTTP/1.1 408 ")
            && response.contains("connection: close")
            && response.contains("(cause: body_too_slow)"),
        "{response}"
    );
    let response = exchange(&mut connect(&server).await, &post(100_001)).await;
    assert!(
        response.starts_with("HTTP/1.1 413 ")
            && response.contains("\"error\":\"invalid_request\"")
            && response.contains("(cause: body_too_large)"),
        "{response}"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "a".repeat(60_000));
    let chunked = format!(
        "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}"
    );
    let response = exchange(&mut connect(&server).await, &chunked).await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
}

#[tokio::test]
async fn large_bodies_share_their_space_and_small_ones_need_none() {
    let server = start(Limits {
        max_body_bytes: 100_000,
        max_buffered_bytes: 100_000,
        body_read_timeout: SOON,
        ..limits()
    })
    .await;
    let post = |length: usize| {
        format!(
            "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{}",
            "a".repeat(length - 1)
        )
    };
    let mut slow = connect(&server).await;
    slow.write_all(post(50_000).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let response = exchange(&mut connect(&server).await, &(post(50_000) + "a")).await;
    assert!(
        response.starts_with("HTTP/1.1 503 ") && response.contains("temporarily_unavailable"),
        "{response}"
    );
    let response = exchange(&mut connect(&server).await, &(post(10_000) + "a")).await;
    assert!(response.ends_with("10000"), "{response}");
    assert!(
        exchange(&mut slow, "a").await.ends_with("50000"),
        "a connection that has the space keeps it"
    );
}

#[tokio::test]
async fn a_header_that_is_too_large_is_answered_431() {
    let server = start(Limits {
        max_header_bytes: 8192,
        ..limits()
    })
    .await;
    let response = exchange(
        &mut connect(&server).await,
        &format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {}\r\n\r\n",
            "a".repeat(20_000)
        ),
    )
    .await;
    assert!(response.starts_with("HTTP/1.1 431 "), "{response}");
}

#[tokio::test]
async fn a_panic_is_a_calm_500_and_the_connection_lives() {
    let server = start(limits()).await;
    let mut stream = connect(&server).await;
    let response = exchange(
        &mut stream,
        "GET /panic HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n",
    )
    .await;
    assert!(
        response.starts_with("HTTP/1.1 500 ")
            && response.contains("x-request-id: ")
            && response.contains("<h1>"),
        "{response}"
    );
    assert!(!response.contains("canary"), "{response}");
    assert!(
        exchange(&mut stream, GET)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_503() {
    let server = start(Limits {
        request_timeout: Duration::from_millis(200),
        ..limits()
    })
    .await;
    let response = exchange(
        &mut connect(&server).await,
        "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    assert!(
        response.starts_with("HTTP/1.1 503 ") && response.contains("retry-after: 1"),
        "{response}"
    );
}

#[tokio::test]
async fn a_foreign_host_is_refused_where_the_policy_says_so() {
    let server = start(Limits {
        hosts: HostPolicy::for_issuer(&"http://localhost:1".parse().unwrap(), &[]),
        ..limits()
    })
    .await;
    let response = exchange(
        &mut connect(&server).await,
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    )
    .await;
    assert!(response.starts_with("HTTP/1.1 421 "), "{response}");
    assert!(
        exchange(&mut connect(&server).await, GET)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
}

#[tokio::test]
async fn ending_lets_running_requests_finish_and_closes_the_idle_ones() {
    let server = start(Limits {
        keep_alive: SOON,
        ..limits()
    })
    .await;
    let (mut running, mut idle) = (connect(&server).await, connect(&server).await);
    exchange(&mut idle, GET).await;
    running
        .write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    assert!(closed_after(&mut idle).await < Duration::from_millis(300));
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "no new connection is taken"
    );
    assert!(
        read_response(&mut running)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    tokio::time::timeout(SOON, server.ended)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn ending_does_not_wait_for_ever() {
    let server = start(Limits {
        request_timeout: SOON,
        graceful_shutdown: Duration::from_millis(200),
        ..limits()
    })
    .await;
    let mut stuck = connect(&server).await;
    stuck
        .write_all(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    let start = Instant::now();
    tokio::time::timeout(SOON, server.ended)
        .await
        .unwrap()
        .unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}
