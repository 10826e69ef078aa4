//! What happens when all places for connections are taken.

use super::*;

#[tokio::test]
async fn when_all_places_are_taken_the_longest_idle_connection_makes_room() {
    let server = start(Limits {
        max_connections: 4,
        keep_alive: SOON,
        ..limits()
    })
    .await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(&server).await;
        exchange(&mut stream, GET).await;
        streams.push(stream);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut newcomer = connect(&server).await;
    assert!(
        exchange(&mut newcomer, GET)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    let (oldest, others) = streams.split_first_mut().unwrap();
    assert!(closed_after(oldest).await < Duration::from_secs(1));
    for stream in others {
        assert!(exchange(stream, GET).await.starts_with("HTTP/1.1 200 "));
    }
}

/// A connection from that address of this machine with a request whose body doesn't come.
async fn half_a_body(server: &Server, address: &str) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket
        .bind(SocketAddr::new(address.parse().unwrap(), 0))
        .unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request = "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\na";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn whoever_holds_all_places_with_bodies_that_do_not_come_keeps_no_one_out() {
    let server = start(Limits {
        max_connections: 8,
        body_read_timeout: SOON,
        keep_alive: SOON,
        ..limits()
    })
    .await;
    let mut earlier = connect(&server).await;
    exchange(&mut earlier, GET).await;
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(half_a_body(&server, "127.0.0.2").await);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..3 {
        let response = exchange(&mut connect(&server).await, GET).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        held.push(half_a_body(&server, "127.0.0.2").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let response = exchange(&mut earlier, GET).await;
    assert!(
        response.starts_with("HTTP/1.1 200 "),
        "an idle connection of another address stays: {response}"
    );
}

#[tokio::test]
async fn when_all_places_are_being_served_a_newcomer_is_told_at_once() {
    let server = start(Limits {
        max_connections: 2,
        ..limits()
    })
    .await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(&server).await;
        stream
            .write_all(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        busy.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let response = exchange(&mut connect(&server).await, GET).await;
    assert!(
        response.starts_with("HTTP/1.1 503 ")
            && response.ends_with("{\"error\":\"temporarily_unavailable\"}"),
        "{response}"
    );
}
