//! SIGTERM: what runs gets its response, no one new comes in, and the next start finds everything.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use countersign_testing::form;

use crate::connection::{Connection, open, read_response};
use crate::person::{APP, Person, code_in, redeem, refresh, tokens_in};
use crate::server::{Server, deployment};

/// A password that takes about a second to verify.
const DEAR: &str = "
[passwords]
argon2_memory_kib = 65536
argon2_iterations = 24
[keys]
algorithms = [\"ES256\"]
[http]
request_timeout_seconds = 60
graceful_shutdown_seconds = 60
";

#[test]
fn a_server_that_is_told_to_end_answers_what_runs_and_takes_nothing_new() {
    let deployment = deployment(DEAR, &["alice"]);
    let server = Server::start(&deployment);
    let port = server.port;
    let mut person = Person::new(port, "alice");
    let code = code_in(&person.sign_in().expect("a response"));
    let (token, _) = tokens_in(&redeem(&mut person.connection, &code).expect("a response"));

    // Three connections: one with nothing to do, one whose request is half there, one whose request
    // is being worked on.
    let mut idle = Person::new(port, "alice");
    let page = idle.authorize(&[]).expect("a response");
    let mut quiet = open(port).expect("connects");
    crate::connection::send(quiet.get_mut(), "GET", "/healthz", &[], "").expect("sent");
    assert_eq!(
        read_response(&mut quiet, false).expect("a response").status,
        200
    );
    let mut half = open(port).expect("connects");
    let body = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", APP),
        ("refresh_token", token.as_str()),
    ]);
    let (first, second) = body.split_at(20);
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{first}",
        body.len()
    );
    half.get_mut().write_all(head.as_bytes()).expect("sent");
    let signing_in = std::thread::spawn(move || {
        let start = Instant::now();
        let response = idle.fill_in(&page, crate::person::PASSWORD);
        (response.expect("what ran is answered"), start.elapsed())
    });
    std::thread::sleep(Duration::from_millis(200));
    server.ask_to_end();

    let start = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => break,
            // Those that were in the queue when it was closed.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
            Ok(_) => assert!(start.elapsed() < Duration::from_secs(5), "still taking"),
        }
    }
    assert!(
        !signing_in.is_finished(),
        "the sign-in was too quick to tell anything"
    );
    let closed = quiet.read(&mut [0; 1]);
    assert_eq!(closed.expect("closed, not reset"), 0);
    half.get_mut().write_all(second.as_bytes()).expect("sent");
    let response = read_response(&mut half, false).expect("what was half there is answered");
    assert_eq!(response.header("connection"), "close", "{response:?}");
    let (next, _) = tokens_in(&response);
    let (response, took) = signing_in.join().expect("joins");
    let code = code_in(&response);
    assert_eq!(server.ended(), Some(0));
    println!("ended; the sign-in took {took:?}");

    let server = Server::start(&deployment);
    let mut connection = Connection::new(server.port);
    tokens_in(&redeem(&mut connection, &code).expect("a response"));
    tokens_in(&refresh(&mut connection, &next).expect("a response"));
    person.connection = connection;
    code_in(&person.authorize_silently().expect("still signed in"));
}
