//! Attack case 44: bodies without end, slow ones, redirects; and connections that never come to be.

use std::time::{Duration, Instant};

use countersign_fetch::{FetchError, Policy, Request};
use http::StatusCode;

use crate::listener::{Reply, fetcher, listen, loopback_policy, url};

#[tokio::test]
async fn attack_44_a_redirect_is_returned_and_not_followed() {
    let (inner_port, inner) = listen(Reply::ok("{}")).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner_port}/\r\nContent-Length: 0\r\n\r\n"
    );
    let (port, _) = listen(Reply::raw(&redirect)).await;
    let response = fetcher(loopback_policy())
        .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
        .await
        .expect("there is a response");
    assert_eq!(response.status, StatusCode::FOUND);
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn attack_44_an_announced_length_over_the_limit_is_not_read() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
    let (port, _) = listen(Reply::ThenSilence(head.as_bytes().to_vec())).await;
    let policy = Policy {
        max_response_bytes: 1000,
        ..loopback_policy()
    };
    let error = fetcher(policy)
        .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
        .await
        .expect_err("10 GB are announced");
    assert!(
        matches!(
            error,
            FetchError::TooLarge {
                limit_bytes: 1000,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn attack_44_a_body_without_end_is_cut_at_the_limit() {
    let (port, _) = listen(Reply::Endless).await;
    let policy = Policy {
        max_response_bytes: 100_000,
        ..loopback_policy()
    };
    let error = fetcher(policy)
        .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
        .await
        .expect_err("it never ends");
    assert!(
        matches!(
            error,
            FetchError::TooLarge {
                limit_bytes: 100_000,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let body = "x".repeat(1000);
    let (port, _) = listen(Reply::ok(&body)).await;
    let target = url(&format!("http://127.0.0.1:{port}/"));
    let policy = Policy {
        max_response_bytes: 1000,
        ..loopback_policy()
    };
    let response = fetcher(policy)
        .send(Request::get(target.clone()))
        .await
        .expect("it fits");
    assert_eq!(response.body.len(), 1000);
    let policy = Policy {
        max_response_bytes: 999,
        ..loopback_policy()
    };
    let error = fetcher(policy)
        .send(Request::get(target))
        .await
        .expect_err("it is one too long");
    assert_eq!(error.code(), "fetch_too_large");
}

#[tokio::test]
async fn attack_44_a_slow_body_ends_with_the_total_timeout() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    for sent in [&b""[..], b"HTTP/1.1 200", head.as_bytes()] {
        let (port, _) = listen(Reply::ThenSilence(sent.to_vec())).await;
        let limit = Duration::from_millis(300);
        let policy = Policy {
            total_timeout: limit,
            ..loopback_policy()
        };
        let started = Instant::now();
        let error = fetcher(policy)
            .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
            .await
            .expect_err("it falls silent");
        assert_eq!(
            error,
            FetchError::TimedOut {
                host: "127.0.0.1".to_owned(),
                limit
            }
        );
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn what_is_not_http_broke_off() {
    for reply in [
        "",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    ] {
        let (port, _) = listen(Reply::raw(reply)).await;
        let error = fetcher(loopback_policy())
            .send(Request::get(url(&format!("http://127.0.0.1:{port}/"))))
            .await
            .expect_err(reply);
        assert!(
            matches!(error, FetchError::BrokenOff { .. }),
            "{reply:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn where_nothing_listens_there_is_no_connection() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = free.local_addr().expect("it is bound").port();
    drop(free);
    let error = fetcher(loopback_policy())
        .send(Request::get(url(&format!(
            "http://127.0.0.1:{port}/?code=canary"
        ))))
        .await
        .expect_err("nothing listens");
    assert!(
        matches!(error, FetchError::ConnectFailed { .. }),
        "{error:?}"
    );
    assert!(!format!("{error} {error:?}").contains("canary"));
}
