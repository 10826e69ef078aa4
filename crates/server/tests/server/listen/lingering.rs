//! Responses that come before the end of their request reach peers that send everything before they
//! read (RFC 9112, section 9.6).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use countersign::listen::{HostPolicy, Limits};

use super::{SOON, limits, start};

const MEGABYTE: usize = 1_000_000;

fn post(host: &str, length: usize) -> String {
    format!("POST /length HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n")
}

/// Sends everything, as many HTTP clients do, and only then reads.
async fn send_all_then_read(
    server: SocketAddr,
    head: String,
    rest: Vec<u8>,
) -> std::io::Result<String> {
    let exchange = move || {
        let mut stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(SOON))?;
        stream.set_nodelay(true)?;
        stream.write_all(head.as_bytes())?;
        // The response is there before the rest is sent.
        std::thread::sleep(Duration::from_millis(20));
        for part in rest.chunks(65_536) {
            stream.write_all(part)?;
        }
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response)
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn whoever_sends_everything_before_reading_gets_the_answer_each_time() {
    let server = start(Limits {
        hosts: HostPolicy::for_issuer(&"http://localhost:1".parse().unwrap(), &[]),
        max_header_bytes: 8_192,
        ..limits()
    })
    .await;
    let rows: [(&str, String, Vec<u8>, &str); 4] = [
        (
            "a body that is too large",
            post("localhost", MEGABYTE),
            vec![b'a'; MEGABYTE],
            "413",
        ),
        (
            "a chunked body that is too large",
            "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                .to_owned(),
            format!("{:x}\r\n{}\r\n0\r\n\r\n", MEGABYTE, "a".repeat(MEGABYTE)).into_bytes(),
            "413",
        ),
        (
            "a host that is not ours",
            post("evil.example", MEGABYTE),
            vec![b'a'; MEGABYTE],
            "421",
        ),
        (
            "a header that is too large",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ".to_owned(),
            [vec![b'a'; MEGABYTE], b"\r\n\r\n".to_vec()].concat(),
            "431",
        ),
    ];
    for (what, head, rest, status) in rows {
        for attempt in 1..=15 {
            let response = send_all_then_read(server.address, head.clone(), rest.clone()).await;
            let response = response.unwrap_or_else(|error| panic!("{what}, {attempt}: {error}"));
            let expected = format!("HTTP/1.1 {status} ");
            assert!(
                response.starts_with(&expected),
                "{what}, {attempt}: {response}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_goes_on_sending_after_a_time_out_gets_its_answer() {
    let server = start(limits()).await;
    let late = move || {
        let mut stream = TcpStream::connect(server.address)?;
        stream.write_all(post("localhost", 60_000).as_bytes())?;
        stream.write_all(&[b'a'; 100])?;
        std::thread::sleep(Duration::from_millis(800));
        for _ in 0..50 {
            stream.write_all(&[b'a'; 1_000])?;
            std::thread::sleep(Duration::from_millis(2));
        }
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        std::io::Result::Ok(response)
    };
    let response = tokio::task::spawn_blocking(late).await.unwrap().unwrap();
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
}

#[tokio::test]
async fn pythons_http_client_sees_the_413_fifteen_times_of_fifteen() {
    let server = start(limits()).await;
    let script = format!(
        "import http.client\n\
         for _ in range(15):\n\
         \x20   connection = http.client.HTTPConnection('127.0.0.1', {}, timeout=5)\n\
         \x20   connection.request('POST', '/length', body=b'a' * 1000000)\n\
         \x20   print(connection.getresponse().status)\n",
        server.address.port()
    );
    let run = move || Command::new("python3").arg("-c").arg(script).output();
    let output = match tokio::task::spawn_blocking(run).await.unwrap() {
        Ok(output) => output,
        Err(error) => return println!("SKIPPED: python3 can't be run: {error}"),
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "413\n".repeat(15));
}

#[tokio::test]
async fn lingering_ends_after_its_time_and_after_its_bytes() {
    let by_time = start(Limits {
        linger: Duration::from_millis(300),
        ..limits()
    })
    .await;
    let by_bytes = start(Limits {
        linger: SOON * 10,
        max_linger_bytes: 100_000,
        ..limits()
    })
    .await;
    let not_at_all = start(Limits {
        linger: Duration::ZERO,
        ..limits()
    })
    .await;
    let reads_and_stays = |server: SocketAddr, more: usize| {
        move || {
            let mut stream = TcpStream::connect(server).unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream
                .write_all(post("localhost", 100_000_000).as_bytes())
                .unwrap();
            let begun = Instant::now();
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
            let mut sent = 0;
            while sent < more && stream.write_all(&[b'a'; 10_000]).is_ok() {
                sent += 10_000;
                std::thread::sleep(Duration::from_millis(10));
            }
            // A write succeeds until the reset that an earlier one caused has come back.
            _ = stream.shutdown(Shutdown::Both);
            (sent, begun.elapsed())
        }
    };
    let (_, elapsed) = tokio::task::spawn_blocking(reads_and_stays(by_time.address, usize::MAX))
        .await
        .unwrap();
    assert!(
        (Duration::from_millis(250)..Duration::from_secs(3)).contains(&elapsed),
        "{elapsed:?}"
    );
    let (sent, _) = tokio::task::spawn_blocking(reads_and_stays(by_bytes.address, usize::MAX))
        .await
        .unwrap();
    assert!((100_000..400_000).contains(&sent), "{sent}");
    let (sent, _) = tokio::task::spawn_blocking(reads_and_stays(not_at_all.address, usize::MAX))
        .await
        .unwrap();
    assert!(sent < 100_000, "{sent}");
}
